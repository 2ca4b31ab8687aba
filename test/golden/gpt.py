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

SIZE = dict(vocabSize=11, context=6, layers=2, heads=2, width=8)
DEFAULTS = dict(
    normPosition="pre", bias=False, activation="gelu", tiedHead=True, positions="learned", norm="layerNorm",
    layers=SIZE["layers"], heads=SIZE["heads"], keyValueHeads=None, qkNorm=False, parallel=False, window=None, logitCap=None,
)
# Trained for some steps.
CASES = [
    dict(name="nanoGPT: pre-norm, no biases, exact GELU, tied head"),
    dict(name="post-norm, biases, ReLU, own head", normPosition="post", bias=True, activation="relu", tiedHead=False),
    dict(name="pre-norm, biases, SwiGLU, tied head", bias=True, activation="swiglu"),
]
# Loss and gradients only.
FAMILY = [
    dict(name="LLaMA: rotary, RMS norm, SwiGLU, grouped queries, own head", layers=1, positions="rotary", norm="rmsNorm",
         activation="swiglu", heads=4, keyValueHeads=2, tiedHead=False),
    dict(name="rotary, QK-norm, multi-query, squared ReLU", layers=1, positions="rotary", qkNorm=True, keyValueHeads=1,
         activation="squaredRelu"),
    dict(name="ALiBi, biases, GeGLU", layers=1, positions="alibi", bias=True, activation="geglu"),
    dict(name="sinusoidal, post-norm by RMS norm, ReLU", layers=1, positions="sinusoidal", normPosition="post", norm="rmsNorm",
         activation="relu"),
    dict(name="PaLM: parallel branches, rotary, multi-query, SwiGLU", layers=1, positions="rotary", parallel=True, keyValueHeads=1,
         activation="swiglu"),
    dict(name="parallel branches, biases, two blocks", parallel=True, bias=True),
    dict(name="Mistral: a window of 2, rotary, RMS norm, grouped queries", layers=2, positions="rotary", norm="rmsNorm", window=2,
         heads=4, keyValueHeads=2),
    dict(name="a window of 3 under ALiBi's costs", layers=1, positions="alibi", window=3),
    dict(name="capped logits, tied head", layers=1, logitCap=1.5),
]
BATCH, STEPS = 3, 10
TRAINING = dict(peak=3e-2, floor=3e-3, warmup=3, steps=STEPS, betas=[0.9, 0.95], eps=1e-8, weightDecay=0.1, clip=0.5)

activations = {
    "gelu": F.gelu,
    "relu": F.relu,
    "squaredRelu": lambda x: F.relu(x) ** 2,
    "swiglu": lambda x: x.chunk(2, -1)[0] * F.silu(x.chunk(2, -1)[1]),
    "geglu": lambda x: x.chunk(2, -1)[0] * F.gelu(x.chunk(2, -1)[1]),
}


def make_parameters(case):
    V, T, L, C = SIZE["vocabSize"], SIZE["context"], case["layers"], SIZE["width"]
    hidden = 8 * C if case["activation"].endswith("glu") else 4 * C
    D = C // case["heads"]
    p = {"tokens.weight": torch.randn(V, C) * 0.5}
    if case["positions"] == "learned":
        p["positions.weight"] = torch.randn(T, C) * 0.5

    def linear(name, n_out, n_in, bias=case["bias"]):
        p[name + ".weight"] = torch.randn(n_out, n_in) * 0.4
        if bias:
            p[name + ".bias"] = torch.randn(n_out) * 0.1

    def norm(name, layer=case["norm"], size=C):
        p[name + ".gain"] = 1 + torch.randn(size) * 0.1
        if case["bias"] and layer == "layerNorm":
            p[name + ".bias"] = torch.randn(size) * 0.1

    for i in range(L):
        norm(f"blocks.{i}.norm1")
        for part in ("query", "key", "value", "output"):
            shared = part in ("key", "value") and case["keyValueHeads"]
            linear(f"blocks.{i}.attention.{part}", shared * D if shared else C, C)
        if case["qkNorm"]:
            norm(f"blocks.{i}.attention.queryNorm", "rmsNorm", D)
            norm(f"blocks.{i}.attention.keyNorm", "rmsNorm", D)
        if not case["parallel"]:
            norm(f"blocks.{i}.norm2")
        linear(f"blocks.{i}.feedForward.expand", hidden, C)
        linear(f"blocks.{i}.feedForward.contract", C, 4 * C)
    if case["normPosition"] == "pre":
        norm("norm")
    if not case["tiedHead"]:
        linear("head", V, C, bias=False)
    return {name: value.requires_grad_() for name, value in p.items()}


def rotate(x):
    """Each pair (x_2i, x_2i+1) of (B, H, T, D) as a complex number, turned by position·10000^(−2i/D)."""
    T, D = x.shape[-2:]
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    turned = torch.view_as_complex(x.reshape(*x.shape[:-1], D // 2, 2)) * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flatten(-2)


def sinusoids(T, C):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, C, 2) / C)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)


def forward(case, p, tokens):
    C, H = SIZE["width"], case["heads"]

    def linear(name, x):
        return F.linear(x, p[name + ".weight"], p.get(name + ".bias"))

    def norm(name, x, layer=case["norm"]):
        if layer == "rmsNorm":
            return x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * p[name + ".gain"]
        return F.layer_norm(x, (C,), p[name + ".gain"], p.get(name + ".bias"), 1e-5)

    def attention(name, x):
        B, T, _ = x.shape
        q, k, v = (linear(f"{name}.{part}", x).view(B, T, -1, C // H).transpose(1, 2) for part in ("query", "key", "value"))
        if case["qkNorm"]:
            q, k = norm(name + ".queryNorm", q, "rmsNorm"), norm(name + ".keyNorm", k, "rmsNorm")
        if case["positions"] == "rotary":
            q, k = rotate(q), rotate(k)
        k, v = (x.repeat_interleave(H // x.shape[1], 1) for x in (k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(C // H)
        if case["positions"] == "alibi":
            slopes = 2.0 ** (-8 * torch.arange(1, H + 1) / H)
            scores = scores - slopes[:, None, None] * (torch.arange(T)[:, None] - torch.arange(T)).abs()
        hidden = torch.ones(T, T).triu(1)
        if case["window"]:
            hidden = hidden + torch.ones(T, T).tril(-case["window"])
        scores = scores.masked_fill(hidden.bool(), float("-inf"))
        return linear(name + ".output", (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C))

    def feed_forward(name, x):
        return linear(name + ".contract", activations[case["activation"]](linear(name + ".expand", x)))

    x = p["tokens.weight"][tokens]
    if case["positions"] == "learned":
        x = x + p["positions.weight"][: tokens.shape[1]]
    if case["positions"] == "sinusoidal":
        x = x * math.sqrt(C) + sinusoids(tokens.shape[1], C)
    for i in range(case["layers"]):
        b = f"blocks.{i}."
        if case["parallel"]:
            read = norm(b + "norm1", x)
            x = x + attention(b + "attention", read) + feed_forward(b + "feedForward", read)
        elif case["normPosition"] == "pre":
            x = x + attention(b + "attention", norm(b + "norm1", x))
            x = x + feed_forward(b + "feedForward", norm(b + "norm2", x))
        else:
            x = norm(b + "norm1", x + attention(b + "attention", x))
            x = norm(b + "norm2", x + feed_forward(b + "feedForward", x))
    if case["normPosition"] == "pre":
        x = norm("norm", x)
    logits = x @ (p["tokens.weight"] if case["tiedHead"] else p["head.weight"]).T
    cap = case["logitCap"]
    return logits if cap is None else cap * torch.tanh(logits / cap)


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


def golden(options, trained):
    case = DEFAULTS | options
    p = make_parameters(case)
    tokens = torch.randint(SIZE["vocabSize"], (BATCH, SIZE["context"]))
    targets = torch.randint(SIZE["vocabSize"], (BATCH, SIZE["context"]))
    start = {n: v.tolist() for n, v in p.items()}
    loss = loss_of(case, p, tokens, targets)
    loss.backward()
    return dict(
        name=case["name"], options={k: v for k, v in options.items() if k != "name"}, parameters=start, tokens=tokens.tolist(), targets=targets.tolist(),
        logits=forward(case, p, tokens).tolist(), loss=float(loss),
        gradients={n: v.grad.tolist() for n, v in p.items()},
        **(dict(trajectory=trajectory(case, p, tokens, targets)) if trained else {}),
    )


if __name__ == "__main__":
    result = dict(
        size=SIZE, training=TRAINING,
        cases=[golden(case, trained=True) for case in CASES], family=[golden(case, trained=False) for case in FAMILY],
    )
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
