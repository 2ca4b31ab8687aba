"""Golden numbers for models/vit.ts: logits, loss and every gradient, from Hugging Face's ViT in float64.

    python3 test/golden/vit.py        (PyTorch 2.15, transformers 5.24; writes vit.json beside this file)

Images are not square and have several channels, so that no axis can be mistaken for another.
"""

import json
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import ViTConfig, ViTForImageClassification

torch.manual_seed(2020)
SIZE = dict(imageSize=[4, 6], patchSize=2, channels=3, classes=5, layers=2, heads=2, width=8, hidden=12, labelSmoothing=0.1)
config = ViTConfig(
    hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=(4, 6), patch_size=2,
    num_channels=3, num_labels=5, hidden_act="gelu", layer_norm_eps=1e-12, qkv_bias=True,
)  # fmt: skip
model = ViTForImageClassification(config).double()
for parameter in model.parameters():
    parameter.data.add_(torch.randn_like(parameter) * 0.4)

RENAMED = {
    r"^vit\.embeddings\.cls_token$": "classToken",
    r"^vit\.embeddings\.position_embeddings$": "positions",
    r"^vit\.embeddings\.patch_embeddings\.": "patches.",
    r"^vit\.layers\.(\d+)\.": r"blocks.\1.",
    r"^vit\.layernorm\.": "norm.",
    r"^classifier\.": "head.",
    r"layernorm_before\.": "norm1.",
    r"layernorm_after\.": "norm2.",
    r"\.q_proj\.": ".query.",
    r"\.k_proj\.": ".key.",
    r"\.v_proj\.": ".value.",
    r"\.o_proj\.": ".output.",
    r"\.mlp\.fc1\.": ".feedForward.expand.",
    r"\.mlp\.fc2\.": ".feedForward.contract.",
    r"(norm\d?)\.weight$": r"\1.gain",
}


def ours(name, x):
    """Our name of a parameter, and its value or gradient in our layout: patches are flattened channels last."""
    for pattern, new in RENAMED.items():
        name = re.sub(pattern, new, name)
    if name == "patches.projection.weight":
        x = x.permute(0, 2, 3, 1).flatten(1)
    return name, (x[0] if name in ("classToken", "positions") else x).tolist()


images, labels = torch.randn(3, 4, 6, 3).double(), torch.tensor([4, 0, 2])
logits = model(pixel_values=images.permute(0, 3, 1, 2)).logits
loss = F.cross_entropy(logits, labels, label_smoothing=SIZE["labelSmoothing"])
loss.backward()
result = dict(
    size=SIZE, images=images.tolist(), labels=labels.tolist(), logits=logits.tolist(), loss=loss.item(),
    parameters=dict(ours(name, p.data) for name, p in model.named_parameters()),
    gradients=dict(ours(name, p.grad) for name, p in model.named_parameters()),
)  # fmt: skip
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
