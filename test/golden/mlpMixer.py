"""Golden numbers for models/mlpMixer.ts: logits, loss and every gradient, from PyTorch in float64.

    python3 test/golden/mlpMixer.py        (PyTorch 2.15; writes mlpMixer.json beside this file)

The network is that of google-research/vision_transformer, models_mixer.py, written out with PyTorch's layers:
Flax's LayerNorm has eps 1e-6, and its gelu is the one by tanh. Images are not square; tokens (6), channels (8) and
both hidden widths (5, 12) differ, so that nothing can be mistaken for anything else.
"""

import json
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(2021)
torch.set_default_dtype(torch.float64)
SIZE = dict(imageSize=[4, 6], patchSize=2, channels=3, classes=5, layers=2, width=8, tokenHidden=5, channelHidden=12, labelSmoothing=0.1)


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, tokens, width, token_hidden, channel_hidden):
        super().__init__()
        self.norm1, self.tokens = nn.LayerNorm(width, eps=1e-6), Mlp(tokens, token_hidden)
        self.norm2, self.channels = nn.LayerNorm(width, eps=1e-6), Mlp(width, channel_hidden)

    def forward(self, x):
        y = self.norm1(x).transpose(1, 2)
        x = x + self.tokens(y).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 2, stride=2)
        self.blocks = nn.ModuleList(Block(6, 8, 5, 12) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(8, eps=1e-6), nn.Linear(8, 5)

    def forward(self, images):
        x = self.stem(images.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(1))


def ours(name, x):
    """Our name of a parameter, and its value or gradient in our layout: patches are flattened channels last."""
    if name == "stem.weight":
        x = x.permute(0, 2, 3, 1).flatten(1)
    name = re.sub(r"^stem\.", "patches.projection.", name)
    return re.sub(r"(norm\d?)\.weight$", r"\1.gain", name), x.tolist()


model = Mixer()
for parameter in model.parameters():
    parameter.data.add_(torch.randn_like(parameter) * 0.4)
images, labels = torch.randn(3, 4, 6, 3), torch.tensor([4, 0, 2])
logits = model(images)
loss = F.cross_entropy(logits, labels, label_smoothing=SIZE["labelSmoothing"])
loss.backward()
result = dict(
    size=SIZE, images=images.tolist(), labels=labels.tolist(), logits=logits.tolist(), loss=loss.item(),
    parameters=dict(ours(name, p.data) for name, p in model.named_parameters()),
    gradients=dict(ours(name, p.grad) for name, p in model.named_parameters()),
)  # fmt: skip
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
