"""Golden numbers for models/bert.ts: both losses, every gradient, and five steps of BERT's optimizer, from PyTorch in float64.

    python3 test/golden/bert.py        (PyTorch 1.13 or later; writes bert.json beside this file)

The model is written here a second time, with our parameter names; so is AdamWeightDecayOptimizer of google-research/bert,
which PyTorch does not have: no bias correction, epsilon outside the root, decay apart from the gradient and by name.
"""

import json
import math
import re
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1810)

CASES = [dict(name="GELU by tanh", approximate="tanh"), dict(name="exact GELU", approximate="none")]
SIZE = dict(vocabSize=11, context=7, layers=2, heads=2, width=8)
LENGTHS = [7, 4, 6]
STEPS = 5
TRAINING = dict(peak=1e-3, warmup=2, steps=STEPS, betas=[0.9, 0.999], eps=1e-6, weightDecay=0.01, clip=1.0)
EXCLUDE = ["LayerNorm", "layer_norm", "bias", "gain"]
V, T, L, C, H = (SIZE[key] for key in ("vocabSize", "context", "layers", "width", "heads"))


def make_parameters():
    p = {f"encoder.{table}.weight": torch.randn(rows, C) * 0.5 for table, rows in (("tokens", V), ("positions", T), ("segments", 2))}

    def linear(name, n_out, n_in):
        p[name + ".weight"] = torch.randn(n_out, n_in) * 0.4
        p[name + ".bias"] = torch.randn(n_out) * 0.1

    def norm(name):
        p[name + ".gain"] = 1 + torch.randn(C) * 0.1
        p[name + ".bias"] = torch.randn(C) * 0.1

    norm("encoder.norm")
    for i in range(L):
        block = f"encoder.blocks.{i}."
        for part in ("query", "key", "value", "output"):
            linear(block + "attention." + part, C, C)
        norm(block + "norm1")
        linear(block + "feedForward.expand", 4 * C, C)
        linear(block + "feedForward.contract", C, 4 * C)
        norm(block + "norm2")
    linear("encoder.pooler", C, C)
    linear("maskedHead.transform", C, C)
    norm("maskedHead.norm")
    p["maskedHead.bias"] = torch.randn(V) * 0.1
    linear("nextSentence", 2, C)
    return {name: value.requires_grad_() for name, value in p.items()}


def losses(case, p, batch):
    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p[name + ".bias"])

    def norm(name, x):
        return F.layer_norm(x, (C,), p[name + ".gain"], p[name + ".bias"], 1e-12)

    def gelu(x):
        return F.gelu(x, approximate=case["approximate"])

    def attention(name, x):
        B, T, _ = x.shape
        q, k, v = (linear(f"{name}.{part}", x).view(B, T, H, C // H).transpose(1, 2) for part in ("query", "key", "value"))
        scores = q @ k.transpose(-2, -1) / math.sqrt(C // H)
        scores = scores.masked_fill(batch["keyPaddingMask"].bool()[:, None, None, :], float("-inf"))
        return linear(name + ".output", (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C))

    tokens = batch["tokens"]
    x = p["encoder.tokens.weight"][tokens] + p["encoder.segments.weight"][batch["segments"]]
    x = norm("encoder.norm", x + p["encoder.positions.weight"][: tokens.shape[1]])
    for i in range(L):
        b = f"encoder.blocks.{i}."
        x = norm(b + "norm1", x + attention(b + "attention", x))
        x = norm(b + "norm2", x + linear(b + "feedForward.contract", gelu(linear(b + "feedForward.expand", x))))
    pooled = torch.tanh(linear("encoder.pooler", x[:, 0]))
    words = norm("maskedHead.norm", gelu(linear("maskedHead.transform", x)))
    words = words @ p["encoder.tokens.weight"].T + p["maskedHead.bias"]  # at every position; the loss picks
    masked = F.cross_entropy(words.flatten(0, 1), batch["targets"].flatten(), ignore_index=-100)
    return masked, F.cross_entropy(linear("nextSentence", pooled), batch["isNext"])


def make_batch():
    tokens, targets = torch.randint(1, V, (len(LENGTHS), T)), torch.full((len(LENGTHS), T), -100)
    padding = torch.tensor([[int(t >= length) for t in range(T)] for length in LENGTHS])
    for row, places in enumerate([(2, 5), (1,), (3, 4, 5)]):
        for place in places:
            targets[row, place] = torch.randint(V, ())
    segments = torch.tensor([[int(length // 2 < t < length) for t in range(T)] for length in LENGTHS])
    return dict(
        tokens=tokens * (1 - padding), segments=segments, keyPaddingMask=padding, targets=targets, isNext=torch.tensor([1, 0, 1]),
    )


def learning_rate(step):
    t = TRAINING
    return t["peak"] * (step / t["warmup"] if step < t["warmup"] else 1 - step / t["steps"])


def trajectory(case, p, batch):
    state = {name: (torch.zeros_like(value), torch.zeros_like(value)) for name, value in p.items()}
    (beta1, beta2), totals, norms, rates = TRAINING["betas"], [], [], []
    for step in range(STEPS):
        rates.append(learning_rate(step))
        for value in p.values():
            value.grad = None
        loss = sum(losses(case, p, batch))
        loss.backward()
        totals.append(float(loss))
        norms.append(math.sqrt(sum(float((value.grad ** 2).sum()) for value in p.values())))
        scale = min(1, TRAINING["clip"] / (norms[-1] + 1e-6))  # as torch's clip_grad_norm_; TensorFlow has no 1e-6
        with torch.no_grad():
            for name, value in p.items():
                m, v = state[name]
                g = value.grad * scale
                m.copy_(beta1 * m + (1 - beta1) * g)
                v.copy_(beta2 * v + (1 - beta2) * g * g)
                update = m / (v.sqrt() + TRAINING["eps"])
                if not any(re.search(pattern, name) for pattern in EXCLUDE):
                    update = update + TRAINING["weightDecay"] * value
                value.sub_(rates[-1] * update)
    return dict(losses=totals, gradientNorms=norms, learningRates=rates, final={n: v.tolist() for n, v in p.items()})


def golden(case):
    p, batch = make_parameters(), make_batch()
    start = {n: v.tolist() for n, v in p.items()}
    masked, isNext = losses(case, p, batch)
    (masked + isNext).backward()
    return dict(
        case, parameters=start, batch={key: value.tolist() for key, value in batch.items()},
        losses=dict(words=float(masked), isNext=float(isNext)),
        gradients={n: v.grad.tolist() for n, v in p.items()}, trajectory=trajectory(case, p, batch),
    )


def rounded(value):
    """12 significant digits, which keeps the file small."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


result = dict(size=SIZE, training=TRAINING, cases=[golden(case) for case in CASES])
Path(__file__).with_suffix(".json").write_text(json.dumps(rounded(result), separators=(",", ":")) + "\n")
