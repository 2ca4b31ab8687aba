"""Golden numbers for models/gpt.ts: loss, every gradient, and a training trajectory, from PyTorch in float64.

    python3 test/golden/gpt.py        (PyTorch 1.13 or later; writes gpt.json beside this file)

The model is written here a second time, with PyTorch's own layers and our parameter names.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1337)

CASES = [
    dict(name="nanoGPT: pre-norm, no biases, exact GELU, tied head", norm="pre", bias=False, activation="gelu", tiedHead=True),
    dict(name="post-norm, biases, ReLU, own head", norm="post", bias=True, activation="relu", tiedHead=False),
    dict(name="pre-norm, biases, SwiGLU, tied head", norm="pre", bias=True, activation="swiglu", tiedHead=True),
]
SIZE = dict(vocabSize=11, context=6, layers=2, heads=2, width=8)
BATCH, STEPS = 3, 10
TRAINING = dict(peak=3e-2, floor=3e-3, warmup=3, steps=STEPS, betas=[0.9, 0.95], eps=1e-8, weightDecay=0.1, clip=0.5)

activations = {
    "gelu": F.gelu,
    "relu": F.relu,
    "swiglu": lambda x: x.chunk(2, -1)[0] * F.silu(x.chunk(2, -1)[1]),
}


def make_parameters(case):
    V, T, L, C = SIZE["vocabSize"], SIZE["context"], SIZE["layers"], SIZE["width"]
    hidden = 8 * C if case["activation"] == "swiglu" else 4 * C
    p = {"tokens.weight": torch.randn(V, C) * 0.5, "positions.weight": torch.randn(T, C) * 0.5}

    def linear(name, n_out, n_in, bias=case["bias"]):
        p[name + ".weight"] = torch.randn(n_out, n_in) * 0.4
        if bias:
            p[name + ".bias"] = torch.randn(n_out) * 0.1

    def norm(name):
        p[name + ".gain"] = 1 + torch.randn(C) * 0.1
        if case["bias"]:
            p[name + ".bias"] = torch.randn(C) * 0.1

    for i in range(L):
        norm(f"blocks.{i}.norm1")
        for part in ("query", "key", "value", "output"):
            linear(f"blocks.{i}.attention.{part}", C, C)
        norm(f"blocks.{i}.norm2")
        linear(f"blocks.{i}.feedForward.expand", hidden, C)
        linear(f"blocks.{i}.feedForward.contract", C, 4 * C)
    if case["norm"] == "pre":
        norm("norm")
    if not case["tiedHead"]:
        linear("head", V, C, bias=False)
    return {name: value.requires_grad_() for name, value in p.items()}


def forward(case, p, tokens):
    C, H = SIZE["width"], SIZE["heads"]

    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p.get(name + ".bias"))

    def norm(name, x):
        return F.layer_norm(x, (C,), p[name + ".gain"], p.get(name + ".bias"), 1e-5)

    def attention(name, x):
        B, T, _ = x.shape
        q, k, v = (linear(f"{name}.{part}", x).view(B, T, H, C // H).transpose(1, 2) for part in ("query", "key", "value"))
        scores = q @ k.transpose(-2, -1) / math.sqrt(C // H)
        scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
        return linear(name + ".output", (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C))

    def feed_forward(name, x):
        return linear(name + ".contract", activations[case["activation"]](linear(name + ".expand", x)))

    x = p["tokens.weight"][tokens] + p["positions.weight"][: tokens.shape[1]]
    for i in range(SIZE["layers"]):
        b = f"blocks.{i}."
        if case["norm"] == "pre":
            x = x + attention(b + "attention", norm(b + "norm1", x))
            x = x + feed_forward(b + "feedForward", norm(b + "norm2", x))
        else:
            x = norm(b + "norm1", x + attention(b + "attention", x))
            x = norm(b + "norm2", x + feed_forward(b + "feedForward", x))
    if case["norm"] == "pre":
        x = norm("norm", x)
    return x @ (p["tokens.weight"] if case["tiedHead"] else p["head.weight"]).T


def loss_of(case, p, tokens, targets):
    return F.cross_entropy(forward(case, p, tokens).flatten(0, 1), targets.flatten())


def learning_rate(step):
    t = TRAINING
    if step < t["warmup"]:
        return t["peak"] * (step + 1) / (t["warmup"] + 1)
    progress = (step - t["warmup"]) / (t["steps"] - t["warmup"])
    return t["floor"] + (t["peak"] - t["floor"]) * 0.5 * (1 + math.cos(math.pi * progress))


def trajectory(case, p, tokens, targets):
    decays = [v for n, v in p.items() if v.dim() >= 2]
    exempt = [v for n, v in p.items() if v.dim() < 2]
    optimizer = torch.optim.AdamW(
        [dict(params=decays, weight_decay=TRAINING["weightDecay"]), dict(params=exempt, weight_decay=0.0)],
        lr=1.0, betas=tuple(TRAINING["betas"]), eps=TRAINING["eps"],
    )
    losses, norms, rates = [], [], []
    for step in range(STEPS):
        rates.append(learning_rate(step))
        for group in optimizer.param_groups:
            group["lr"] = rates[-1]
        optimizer.zero_grad()
        loss = loss_of(case, p, tokens, targets)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(list(p.values()), TRAINING["clip"])))
        optimizer.step()
        losses.append(float(loss))
    return dict(losses=losses, gradientNorms=norms, learningRates=rates, final={n: v.tolist() for n, v in p.items()})


def golden(case):
    p = make_parameters(case)
    tokens = torch.randint(SIZE["vocabSize"], (BATCH, SIZE["context"]))
    targets = torch.randint(SIZE["vocabSize"], (BATCH, SIZE["context"]))
    start = {n: v.tolist() for n, v in p.items()}
    loss = loss_of(case, p, tokens, targets)
    loss.backward()
    return dict(
        case, parameters=start, tokens=tokens.tolist(), targets=targets.tolist(),
        logits=forward(case, p, tokens).tolist(), loss=float(loss),
        gradients={n: v.grad.tolist() for n, v in p.items()}, trajectory=trajectory(case, p, tokens, targets),
    )


result = dict(size=SIZE, training=TRAINING, cases=[golden(case) for case in CASES])
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
