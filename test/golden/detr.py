"""Golden numbers for models/detr.ts: predictions of every layer, loss and every gradient, from PyTorch in float64.

    python3 test/golden/detr.py        (PyTorch 2.15, transformers 5.24, scipy 1.17, Pillow; writes detr.json beside this file)

The network is written here from PyTorch's layers after the paper and the code of its authors (facebookresearch/detr,
post-norm). The loss is ForObjectDetectionLoss of transformers, with its Hungarian matching by scipy.
"""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn
from transformers.loss.loss_for_object_detection import ForObjectDetectionLoss

torch.set_default_dtype(torch.float64)
torch.manual_seed(2020)

K, N, C, H, HIDDEN, ENCODER, DECODER = 3, 6, 8, 2, 12, 2, 3
WIDTHS = [4, 6]
SIZE = dict(classes=K, queries=N, width=C, heads=H, hidden=HIDDEN, encoderLayers=ENCODER, decoderLayers=DECODER, dropout=0)
POSITIONS = dict(temperature=10000, scale=2 * math.pi)


class Stage(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.halve = nn.Conv2d(inputs, width, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.refine = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x):
        x = F.relu(self.norm1(self.halve(x)))
        return F.relu(x + self.norm2(self.refine(x)))


class Layer(nn.Module):
    """Of the encoder, or with cross attention of the decoder."""

    def __init__(self, cross):
        super().__init__()
        self.self_attention = nn.MultiheadAttention(C, H, batch_first=True)
        self.cross_attention = nn.MultiheadAttention(C, H, batch_first=True) if cross else None
        self.expand, self.contract = nn.Linear(C, HIDDEN), nn.Linear(HIDDEN, C)
        self.norms = nn.ModuleList(nn.LayerNorm(C) for _ in range(3 if cross else 2))

    def forward(self, x, places, memory=None, positions=None):
        x = self.norms[0](x + self.self_attention(x + places, x + places, x)[0])
        if self.cross_attention is not None:
            x = self.norms[1](x + self.cross_attention(x + places, memory + positions, memory)[0])
        return self.norms[-1](x + self.contract(F.relu(self.expand(x))))


class DETR(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList(Stage(a, b) for a, b in zip([3, *WIDTHS], WIDTHS))
        self.projection = nn.Conv2d(WIDTHS[-1], C, 1)
        self.encoder = nn.ModuleList(Layer(False) for _ in range(ENCODER))
        self.queries = nn.Parameter(torch.randn(N, C))
        self.decoder = nn.ModuleList(Layer(True) for _ in range(DECODER))
        self.norm = nn.LayerNorm(C)
        self.class_head = nn.Linear(C, K + 1)
        self.box_head = nn.ModuleList([nn.Linear(C, C), nn.Linear(C, C), nn.Linear(C, 4)])

    def forward(self, images):
        x = images
        for stage in self.stages:
            x = stage(x)
        x = self.projection(x)
        positions = sines(*x.shape[2:])
        memory = x.flatten(2).transpose(1, 2)
        for layer in self.encoder:
            memory = layer(memory, positions)
        x = torch.zeros(len(images), N, C)
        logits, boxes = [], []
        for layer in self.decoder:
            x = layer(x, self.queries, memory, positions)
            state = self.norm(x)
            logits.append(self.class_head(state))
            first, second, last = self.box_head
            boxes.append(last(F.relu(second(F.relu(first(state))))).sigmoid())
        return torch.stack(logits), torch.stack(boxes)


def sines(height, width):
    """PositionEmbeddingSine with normalize=True, for an image without padding: (height·width, C)."""
    features = C // 2
    steps = torch.ones(height, width)
    y, x = steps.cumsum(0), steps.cumsum(1)
    y = y / (y[-1:, :] + 1e-6) * POSITIONS["scale"]
    x = x / (x[:, -1:] + 1e-6) * POSITIONS["scale"]
    divisors = POSITIONS["temperature"] ** (2 * (torch.arange(features) // 2) / features)
    x, y = x[..., None] / divisors, y[..., None] / divisors
    x, y = (torch.stack((p[..., 0::2].sin(), p[..., 1::2].cos()), 3).flatten(2) for p in (x, y))
    return torch.cat((y, x), 2).flatten(0, 1)


def loss_of(logits, boxes, objects):
    """The loss of predictions (layers, images, …), each layer but the last as an auxiliary one."""
    config = SimpleNamespace(
        class_cost=1, bbox_cost=5, giou_cost=2, bbox_loss_coefficient=5, giou_loss_coefficient=2,
        eos_coefficient=0.1, num_labels=K, auxiliary_loss=True, decoder_layers=len(logits),
    )
    labels = [
        dict(class_labels=torch.tensor(o["classes"], dtype=torch.int64), boxes=torch.tensor(o["boxes"]).view(-1, 4))
        for o in objects
    ]
    return ForObjectDetectionLoss(logits[-1], labels, logits.device, boxes[-1], config, logits, boxes)[0]


def random_objects(count):
    boxes = torch.cat((torch.rand(count, 2) * 0.6 + 0.2, torch.rand(count, 2) * 0.3 + 0.1), 1)
    return dict(classes=torch.randint(K, (count,)).tolist(), boxes=boxes.tolist())


def our_names(model, value_of):
    """name → value, for the value of each parameter and buffer: itself, or its gradient"""
    found = {}

    def affine(name, layer, weight="weight"):
        found[f"{name}.{weight}"], found[f"{name}.bias"] = value_of(layer.weight), value_of(layer.bias)

    def convolution(name, layer):
        found[f"{name}.weight"] = value_of(layer.weight).permute(2, 3, 1, 0)
        if layer.bias is not None:
            found[f"{name}.bias"] = value_of(layer.bias)

    def attention(name, layer):
        for part, weight, bias in zip(
            ("query", "key", "value"), value_of(layer.in_proj_weight).chunk(3), value_of(layer.in_proj_bias).chunk(3)
        ):
            found[f"{name}.{part}.weight"], found[f"{name}.{part}.bias"] = weight, bias
        affine(f"{name}.output", layer.out_proj)

    for i, stage in enumerate(model.stages):
        for part in ("halve", "refine"):
            convolution(f"backbone.stages.{i}.{part}", getattr(stage, part))
        for part in ("norm1", "norm2"):
            affine(f"backbone.stages.{i}.{part}", getattr(stage, part), "gain")
    convolution("projection", model.projection)
    for stack in ("encoder", "decoder"):
        for i, layer in enumerate(getattr(model, stack)):
            name = f"{stack}.{i}"
            attention(f"{name}.attention" if stack == "encoder" else f"{name}.selfAttention", layer.self_attention)
            if layer.cross_attention is not None:
                attention(f"{name}.crossAttention", layer.cross_attention)
            for n, norm in enumerate(layer.norms):
                affine(f"{name}.norm{n + 1}", norm, "gain")
            affine(f"{name}.feedForward.expand", layer.expand)
            affine(f"{name}.feedForward.contract", layer.contract)
    found["queries.weight"] = value_of(model.queries)
    affine("norm", model.norm, "gain")
    affine("classHead", model.class_head)
    for i, layer in enumerate(model.box_head):
        affine(f"boxHead.{i}", layer)
    return {name: value.tolist() for name, value in found.items()}


model = DETR()
for parameter in model.parameters():  # PyTorch starts some at 0 or 1
    parameter.data.add_(torch.randn_like(parameter) * 0.1)
images = torch.randn(3, 12, 20, 3)
objects = [random_objects(2), random_objects(0), random_objects(3)]
logits, boxes = model(images.movedim(-1, 1))
loss = loss_of(logits, boxes, objects)
loss.backward()


def loss_case(layers, counts):
    """Of the loss alone, with the gradient of what was predicted."""
    objects = [random_objects(count) for count in counts]
    logits = (torch.randn(layers, len(counts), N, K + 1) * 2).requires_grad_()
    boxes = torch.tensor([random_objects(N)["boxes"] for _ in range(layers * len(counts))])
    boxes = boxes.view(layers, len(counts), N, 4).requires_grad_()
    loss = loss_of(logits, boxes, objects)
    loss.backward()
    return dict(
        logits=logits.tolist(), boxes=boxes.tolist(), objects=objects, loss=float(loss),
        gradients=dict(logits=logits.grad.tolist(), boxes=boxes.grad.tolist()),
    )


result = dict(
    size=SIZE, widths=WIDTHS, images=images.tolist(), objects=objects, logits=logits.tolist(), boxes=boxes.tolist(),
    loss=float(loss), parameters=our_names(model, lambda p: p.data), gradients=our_names(model, lambda p: p.grad),
    losses={
        "one layer": loss_case(1, [2, 4]),
        "three layers": loss_case(3, [1, 0, 5]),
        "no objects at all": loss_case(2, [0, 0]),
        "more objects than places": loss_case(2, [N + 2, 1]),
    },
)
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
