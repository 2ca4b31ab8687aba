"""Golden numbers for models/captioner.ts, of an image and of a film: logits, losses and every gradient, from PyTorch in float64.

    python3 test/golden/captioner.py        (PyTorch 2.15; writes captioner.json beside this file)

The network is torch.nn's TransformerEncoderLayer (norm first, GELU) and TransformerDecoderLayer (norm first, with F.glu for an
activation, so that its second matrix takes half as much); their names and stacked query-key-value matrices are rewritten
as ours. Patches are cut by a convolution whose windows do not overlap.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(2021)

V, C, H, CLASSES, PAD = 9, 8, 2, 5, 0
SIZE = dict(vocabSize=V, context=6, width=C, heads=H, hidden=12, layers=2, decoderLayers=2, dropout=0)
GLU = 8  # two thirds of the hidden width


def loud(module):
    for parameter in module.parameters():  # PyTorch starts some at 0 or 1
        parameter.data.add_(torch.randn_like(parameter) * 0.1)
    return module


class Twin(nn.Module):
    def __init__(self, input, patch):
        super().__init__()
        *sizes, channels = input
        conv = {2: nn.Conv2d, 3: nn.Conv3d}[len(patch)]
        shared = dict(dropout=0.0, batch_first=True, norm_first=True)
        self.patches = conv(channels, C, patch, patch)
        self.places = nn.ParameterList(torch.randn(size // p, C) for size, p in zip(sizes, patch))
        self.encoder = nn.ModuleList(nn.TransformerEncoderLayer(C, H, 12, activation="gelu", **shared) for _ in range(2))
        self.seen_norm = nn.LayerNorm(C)
        self.tokens = nn.Parameter(torch.randn(V, C) / math.sqrt(C))
        self.positions = nn.Parameter(torch.randn(SIZE["context"], C))
        self.decoder = nn.ModuleList(nn.TransformerDecoderLayer(C, H, 2 * GLU, activation=F.glu, **shared) for _ in range(2))
        for layer in self.decoder:
            layer.linear2 = nn.Linear(GLU, C)
        self.norm = nn.LayerNorm(C)
        self.output = nn.Linear(C, CLASSES)
        loud(self)

    def see(self, films):
        x = self.patches(films.movedim(-1, 1)).movedim(1, -1)  # (B, …, C)
        for axis, table in enumerate(self.places):
            x = x + table.reshape([-1 if i == axis else 1 for i in range(len(self.places))] + [C])
        x = x.reshape(x.shape[0], -1, C)
        for layer in self.encoder:
            x = layer(x)
        return self.seen_norm(x)

    def write(self, words, seen):
        T = words.shape[1]
        x = self.tokens[words] * math.sqrt(C) + self.positions[:T]
        causal = torch.ones(T, T).triu(1).bool()
        for layer in self.decoder:
            x = layer(x, seen, tgt_mask=causal)
        return self.norm(x) @ self.tokens.T

    def our_names(self, value_of):
        """name → value, for the value of each parameter: itself, or its gradient"""
        # a window of a convolution (out, channels, …window) is, flat and with channels last, a row of ours
        flat = lambda w: w.movedim(1, -1).flatten(1)
        found = {"encoder.patches.projection.weight": flat(value_of(self.patches.weight)),
                 "encoder.patches.projection.bias": value_of(self.patches.bias),
                 "tokens.weight": value_of(self.tokens), "positions.weight": value_of(self.positions)}
        for axis, table in enumerate(self.places):
            found[f"encoder.positions.{axis}.weight"] = value_of(table)

        def affine(name, layer, weight="weight"):
            found[f"{name}.{weight}"], found[f"{name}.bias"] = value_of(layer.weight), value_of(layer.bias)

        def attention(name, layer):
            for part, weight, bias in zip(
                ("query", "key", "value"), value_of(layer.in_proj_weight).chunk(3), value_of(layer.in_proj_bias).chunk(3)
            ):
                found[f"{name}.{part}.weight"], found[f"{name}.{part}.bias"] = weight, bias
            affine(f"{name}.output", layer.out_proj)

        for stack, layers in (("encoder.blocks", self.encoder), ("decoder", self.decoder)):
            for i, layer in enumerate(layers):
                name = f"{stack}.{i}"
                attention(f"{name}.selfAttention" if stack == "decoder" else f"{name}.attention", layer.self_attn)
                if stack == "decoder":
                    attention(f"{name}.crossAttention", layer.multihead_attn)
                for n in range(1, 4 if stack == "decoder" else 3):
                    affine(f"{name}.norm{n}", getattr(layer, f"norm{n}"), weight="gain")
                affine(f"{name}.feedForward.expand", layer.linear1)
                affine(f"{name}.feedForward.contract", layer.linear2)
        affine("encoder.norm", self.seen_norm, weight="gain")
        affine("norm", self.norm, weight="gain")
        affine("output", self.output)
        return {name: value.tolist() for name, value in found.items()}


words = torch.tensor([[1, 4, 6, 3], [1, 8, PAD, PAD], [1, 5, 5, PAD]])
targets = torch.tensor([[4, 6, 3, 2], [8, 2, -100, -100], [5, 5, 2, -100]])
classes = torch.tensor([3, 0, 4])


def case(input, patch):
    twin = Twin(input, patch)
    films = torch.rand(3, *input)
    seen = twin.see(films)
    logits = twin.write(words, seen)
    told = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    classified = F.cross_entropy(twin.output(seen.mean(1)), classes)
    (told + classified).backward()
    return dict(
        size=dict(SIZE, input=input, patch=patch), films=films.tolist(), words=words.tolist(), targets=targets.tolist(),
        classes=classes.tolist(), parameters=twin.our_names(lambda p: p.data), logits=logits.tolist(), told=told.item(),
        classified=classified.item(), gradients=twin.our_names(lambda p: p.grad),
    )


result = dict(image=case([4, 6, 3], [2, 3]), film=case([4, 4, 6, 3], [2, 2, 3]))
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
