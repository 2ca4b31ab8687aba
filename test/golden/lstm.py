"""Golden numbers for models/lstm.ts: scores, loss and every gradient of two layers, from PyTorch in float64.

    python3 test/golden/lstm.py        (PyTorch 1.13 or later; writes lstm.json beside this file)

Without zoneout the layers are torch.nn.LSTM; with it, a loop over time with the expectation of zoneout, as in evaluation.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1606)

SIZE = dict(vocabSize=7, width=6, hidden=5, layers=2)
BATCH, STEPS = 3, 9
CASES = [
    dict(name="torch.nn.LSTM, own head", zoneoutHidden=0.0, zoneoutCell=0.0, tiedHead=False),
    dict(name="torch.nn.LSTM, tied head", zoneoutHidden=0.0, zoneoutCell=0.0, tiedHead=True),
    dict(name="the expectation of zoneout", zoneoutHidden=0.15, zoneoutCell=0.5, tiedHead=False),
]


def sizes_of(case):
    return dict(SIZE, width=SIZE["hidden"] if case["tiedHead"] else SIZE["width"])


def make_parameters(case):
    V, C, H, L = (sizes_of(case)[name] for name in ("vocabSize", "width", "hidden", "layers"))
    p = {"tokens.weight": torch.randn(V, C)}
    for i in range(L):
        p[f"layers.{i}.weightIH"] = torch.randn(4 * H, C if i == 0 else H) * 0.6
        p[f"layers.{i}.weightHH"] = torch.randn(4 * H, H) * 0.6
        p[f"layers.{i}.bias"] = torch.randn(4 * H) * 0.5
    if not case["tiedHead"]:
        p["head.weight"] = torch.randn(V, H) * 0.6
        p["head.bias"] = torch.randn(V) * 0.3
    return p


def with_torch_layers(case, p, x):
    """Returns the hidden states, and a function that gives the gradients of the layers under our names."""
    layers = [torch.nn.LSTM(p[f"layers.{i}.weightIH"].shape[1], SIZE["hidden"], batch_first=True) for i in range(SIZE["layers"])]
    ours = {"weightIH": "weight_ih_l0", "weightHH": "weight_hh_l0", "bias": "bias_ih_l0"}
    for i, layer in enumerate(layers):
        torch.nn.init.zeros_(layer.bias_hh_l0)  # only the sum of the two biases counts
        for name, theirs in ours.items():
            getattr(layer, theirs).data.copy_(p[f"layers.{i}.{name}"])
        x, _ = layer(x)
    return x, lambda: {
        f"layers.{i}.{name}": getattr(layer, theirs).grad for i, layer in enumerate(layers) for name, theirs in ours.items()
    }


def with_zoneout(case, p, x):
    zh, zc = case["zoneoutHidden"], case["zoneoutCell"]
    for i in range(SIZE["layers"]):
        h = c = torch.zeros(BATCH, SIZE["hidden"])
        outputs = []
        for t in range(STEPS):
            sums = x[:, t] @ p[f"layers.{i}.weightIH"].T + h @ p[f"layers.{i}.weightHH"].T + p[f"layers.{i}.bias"]
            a, f, g, o = sums.chunk(4, 1)
            new_c = torch.sigmoid(f) * c + torch.sigmoid(a) * torch.tanh(g)
            new_h = torch.sigmoid(o) * torch.tanh(new_c)
            c = zc * c + (1 - zc) * new_c
            h = zh * h + (1 - zh) * new_h
            outputs.append(h)
        x = torch.stack(outputs, 1)
    return x, lambda: {}


def golden(case):
    p = {name: value.requires_grad_() for name, value in make_parameters(case).items()}
    tokens, targets = (torch.randint(SIZE["vocabSize"], (BATCH, STEPS)) for _ in range(2))
    layers = with_zoneout if case["zoneoutCell"] > 0 else with_torch_layers
    hidden, layer_gradients = layers(case, p, p["tokens.weight"][tokens])
    head = p["tokens.weight"] if case["tiedHead"] else p["head.weight"]
    scores = F.linear(hidden, head, p.get("head.bias"))
    loss = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
    loss.backward()
    gradients = {name: value.grad for name, value in p.items()} | layer_gradients()
    return dict(
        case, size=sizes_of(case), parameters={name: value.tolist() for name, value in p.items()},
        tokens=tokens.tolist(), targets=targets.tolist(), scores=scores.tolist(), loss=float(loss),
        gradients={name: value.tolist() for name, value in gradients.items()},
    )


result = dict(cases=[golden(case) for case in CASES])
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
