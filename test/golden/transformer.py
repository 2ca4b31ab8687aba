"""Golden numbers for models/transformer.ts: scores, loss and every gradient, from PyTorch in float64.

    python3 test/golden/transformer.py        (PyTorch 1.13 or later; writes transformer.json beside this file)

The network is torch.nn.Transformer's own: TransformerEncoderLayer and TransformerDecoderLayer (post-norm, ReLU), whose
names and stacked query-key-value matrices are rewritten as ours. Embedding, positions and scores are written here.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(2017)

V, C, H, HIDDEN, L = 11, 8, 2, 12, 2
SIZE = dict(vocabSize=V, width=C, heads=H, hidden=HIDDEN, layers=L, dropout=0, labelSmoothing=0.1)
PAD = 0

options = dict(dim_feedforward=HIDDEN, dropout=0.0, activation="relu", batch_first=True)
tokens = nn.Parameter(torch.randn(V, C) / math.sqrt(C))
encoder = nn.ModuleList(nn.TransformerEncoderLayer(C, H, **options) for _ in range(L))
decoder = nn.ModuleList(nn.TransformerDecoderLayer(C, H, **options) for _ in range(L))
for parameter in (*encoder.parameters(), *decoder.parameters()):  # PyTorch starts some at 0 or 1
    parameter.data.add_(torch.randn_like(parameter) * 0.1)

source = torch.tensor([[5, 3, 9, 1, 7], [4, 8, 1, PAD, PAD], [6, 2, 10, 1, PAD]])
target = torch.tensor([[2, 4, 4, 6], [2, 9, 3, PAD], [2, 5, PAD, PAD]])
targets = torch.tensor([[4, 4, 6, 1], [9, 3, 1, -100], [5, 1, -100, -100]])


def embed(rows):
    T = rows.shape[1]
    angles = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, C, 2) / C)
    positions = torch.stack((angles.sin(), angles.cos()), -1).flatten(1)
    return tokens[rows] * math.sqrt(C) + positions


def forward():
    padding = source == PAD
    memory = embed(source)
    for layer in encoder:
        memory = layer(memory, src_key_padding_mask=padding)
    x = embed(target)
    causal = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
    for layer in decoder:
        x = layer(x, memory, tgt_mask=causal, memory_key_padding_mask=padding)
    return x @ tokens.T


def our_names(value_of):
    """name → value, for the value of each parameter: itself, or its gradient"""
    found = {"tokens.weight": value_of(tokens)}

    def affine(name, layer, weight="weight"):
        found[f"{name}.{weight}"], found[f"{name}.bias"] = value_of(layer.weight), value_of(layer.bias)

    def attention(name, layer):
        for part, weight, bias in zip(
            ("query", "key", "value"), value_of(layer.in_proj_weight).chunk(3), value_of(layer.in_proj_bias).chunk(3)
        ):
            found[f"{name}.{part}.weight"], found[f"{name}.{part}.bias"] = weight, bias
        affine(f"{name}.output", layer.out_proj)

    for stack, layers in (("encoder", encoder), ("decoder", decoder)):
        for i, layer in enumerate(layers):
            name = f"{stack}.{i}"
            attention(f"{name}.attention" if stack == "encoder" else f"{name}.selfAttention", layer.self_attn)
            if stack == "decoder":
                attention(f"{name}.crossAttention", layer.multihead_attn)
            for n in range(1, 3 if stack == "encoder" else 4):
                affine(f"{name}.norm{n}", getattr(layer, f"norm{n}"), weight="gain")
            affine(f"{name}.feedForward.expand", layer.linear1)
            affine(f"{name}.feedForward.contract", layer.linear2)
    return {name: value.tolist() for name, value in found.items()}


scores = forward()
loss = F.cross_entropy(scores.flatten(0, 1), targets.flatten(), label_smoothing=SIZE["labelSmoothing"])
loss.backward()
result = dict(
    size=SIZE, source=source.tolist(), padding=(source == PAD).int().tolist(), target=target.tolist(),
    targets=targets.tolist(), parameters=our_names(lambda p: p.data), scores=scores.tolist(), loss=float(loss),
    gradients=our_names(lambda p: p.grad),
)
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
