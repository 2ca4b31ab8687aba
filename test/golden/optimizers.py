"""Writes optimizers.json: trajectories of PyTorch's optimizers, of BERT's published update, schedules, gradient clipping.

    /usr/bin/python3 test/golden/optimizers.py          needs torch 1.13 and numpy
"""

import json
import math
import pathlib

import numpy as np
import torch

STEPS = 10
SHAPES = [(3, 4), (4,)]


def values(tensors):
    return [t.detach().reshape(-1).tolist() for t in tensors]


def record(kind, groups, options, skip=()):
    """One group for each of the two parameters; `skip`: steps at which the second has no gradient."""
    generator = torch.Generator().manual_seed(len(kind) + len(json.dumps([groups, options])))
    start = [torch.randn(s, generator=generator, dtype=torch.float32).double() for s in SHAPES]
    case = {"kind": kind, "options": options, "groups": groups, "start": values(start)}

    # The gradients of a loss that is not quadratic, along the float64 trajectory; float32 gets the same, rounded.
    matrices = [torch.randn(6, int(np.prod(s)), generator=generator, dtype=torch.float64) for s in SHAPES]
    gradients = []

    def loss(step, parameters):
        return sum(
            torch.sin(m @ p.reshape(-1) + step).sum() + torch.logaddexp(m @ p.reshape(-1), -m @ p.reshape(-1)).sum()
            for m, p in zip(matrices, parameters)
        )

    def run(dtype):
        parameters = [torch.nn.Parameter(s.to(dtype, copy=True)) for s in start]
        torch_groups = [
            {"params": [p], **{("weight_decay" if k == "weightDecay" else k): v for k, v in g.items()}}
            for p, g in zip(parameters, groups)
        ]
        torch_options = {("weight_decay" if k == "weightDecay" else k): v for k, v in options.items()}
        optimizer = getattr(torch.optim, kind)(torch_groups, **torch_options)
        trajectory = []
        for step in range(STEPS):
            if dtype == torch.float64:
                grads = torch.autograd.grad(loss(step, parameters), parameters)
                gradients.append([g.float().double() for g in grads])
            for i, (p, g) in enumerate(zip(parameters, gradients[step])):
                p.grad = None if i == 1 and step in skip else g.to(dtype).clone()
            optimizer.step()
            trajectory.append(values(parameters))
        return trajectory

    case["float64"] = run(torch.float64)
    case["float32"] = run(torch.float32)
    case["gradients"] = [[None if i == 1 and step in skip else g for i, g in enumerate(values(gs))] for step, gs in enumerate(gradients)]
    return case


def bert_schedule(peak, warmup, steps):
    """optimization.py: polynomial_decay(power=1, end=0, cycle=False) of the global step, blended with the warm-up."""
    rates = []
    for step in range(steps + 3):
        decayed = peak * (1 - min(step, steps) / steps) ** 1.0
        is_warmup = float(step < warmup)
        rates.append((1 - is_warmup) * decayed + is_warmup * peak * step / max(warmup, 1))
    return rates


def bert(clip):
    """AdamWeightDecayOptimizer.apply_gradients, by hand, for a decayed and an exempt parameter."""
    random = np.random.default_rng(7)
    start = [random.normal(size=s) for s in SHAPES]
    gradients = [[2 * random.normal(size=s) for s in SHAPES] for _ in range(5)]
    rates = bert_schedule(0.01, 2, 8)[:5]
    w = [s.copy() for s in start]
    m = [np.zeros_like(s) for s in start]
    v = [np.zeros_like(s) for s in start]
    trajectory = []
    for lr, step_gradients in zip(rates, gradients):
        norm = math.sqrt(sum((g * g).sum() for g in step_gradients))
        for i, (g, decay) in enumerate(zip(step_gradients, [0.01, 0.0])):
            if clip:  # tf.clip_by_global_norm
                g = g * clip / max(norm, clip)
            m[i] = 0.9 * m[i] + (1.0 - 0.9) * g
            v[i] = 0.999 * v[i] + (1.0 - 0.999) * np.square(g)
            update = m[i] / (np.sqrt(v[i]) + 1e-6)
            update += decay * w[i]
            w[i] = w[i] - lr * update
        trajectory.append([x.reshape(-1).tolist() for x in w])
    return {
        "clip": clip,
        "rates": rates,
        "start": [s.reshape(-1).tolist() for s in start],
        "gradients": [[g.reshape(-1).tolist() for g in gs] for gs in gradients],
        "trajectory": trajectory,
    }


def torch_schedule(decay, peak, warmup, steps):
    """Warm-up by LinearLR, then a decay of PyTorch's."""
    def run(make, count):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
        scheduler, rates = make(optimizer), []
        for _ in range(count):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return rates

    lr = torch.optim.lr_scheduler
    rise = run(lambda o: lr.LinearLR(o, start_factor=1 / (warmup + 1), end_factor=1.0, total_iters=warmup), warmup)
    return rise + run(decay, steps - warmup + 1)


def schedules():
    lr = torch.optim.lr_scheduler
    peak, floor, warmup, steps, width = 1e-3, 1e-4, 5, 25, 64
    noam = lambda t: width**-0.5 * min((t + 1) ** -0.5, (t + 1) * warmup**-1.5)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    scheduler = lr.LambdaLR(optimizer, noam)
    noam_rates = []
    for _ in range(steps):
        noam_rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return {
        "warmupCosine": torch_schedule(lambda o: lr.CosineAnnealingLR(o, T_max=steps - warmup, eta_min=floor), peak, warmup, steps),
        "warmupLinear": torch_schedule(
            lambda o: lr.LinearLR(o, start_factor=1.0, end_factor=floor / peak, total_iters=steps - warmup), peak, warmup, steps
        ),
        "noam": noam_rates,
        "bertSchedule": bert_schedule(peak, warmup, steps),
    }


def clip(max_norm):
    generator = torch.Generator().manual_seed(3)
    parameters = [torch.nn.Parameter(torch.zeros(s, dtype=torch.float64)) for s in SHAPES]
    for p in parameters:
        p.grad = torch.randn(p.shape, generator=generator, dtype=torch.float64)
    before = values([p.grad for p in parameters])
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm).item()
    return {"maxNorm": max_norm, "norm": norm, "before": before, "after": values([p.grad for p in parameters])}


golden = {
    "torch": [
        record("SGD", [{}, {}], {"lr": 0.02}),
        record("SGD", [{}, {}], {"lr": 0.02, "momentum": 0.9}),
        record("SGD", [{}, {}], {"lr": 0.02, "momentum": 0.9, "dampening": 0.3}),
        record("SGD", [{}, {}], {"lr": 0.02, "momentum": 0.8, "nesterov": True}),
        record("SGD", [{"weightDecay": 0.2}, {"lr": 0.005, "momentum": 0.5}], {"lr": 0.02, "momentum": 0.9}, skip=[0, 3]),
        record("Adam", [{}, {}], {"lr": 0.01}),
        record("Adam", [{}, {"betas": [0.5, 0.9]}], {"lr": 0.01, "weightDecay": 0.1}, skip=[0, 1, 6]),
        record("AdamW", [{}, {}], {"lr": 0.01}),
        record(
            "AdamW",
            [{"weightDecay": 0.1, "lr": 0.003, "eps": 1e-6}, {"weightDecay": 0.0, "betas": [0.8, 0.95]}],
            {"lr": 0.01},
            skip=[0, 4],
        ),
    ],
    "bert": [bert(None), bert(1.0)],
    "schedules": schedules(),
    "clip": [clip(1.0), clip(100.0)],
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes")
