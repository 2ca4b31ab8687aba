"""Writes muon.json: trajectories of PyTorch's Muon, of Lion, and of PyTorch's averaged weights; a schedule.

    python3 test/golden/muon.py          needs torch 2.9 or later, which has Muon

The gradient of a weight w at step t is sin(3w + t) + w/2, on both sides, so that it need not be recorded.
"""

import json
import pathlib
from unittest import mock

import torch

STEPS = 10
SHAPES = [(3, 4), (5, 2), (3, 3)]
MUON = {
    "weightDecay": "weight_decay",
    "nsCoefficients": "ns_coefficients",
    "nsSteps": "ns_steps",
    "adjustLrFn": "adjust_lr_fn",
}
ADJUST = {"matchRmsAdamW": "match_rms_adamw", "spectralUnclamped": "spectral_unclamped"}


def start(dtype=torch.float64):
    generator = torch.Generator().manual_seed(3)
    return [torch.nn.Parameter(torch.randn(s, generator=generator, dtype=torch.float64).to(dtype)) for s in SHAPES]


def values(tensors):
    return [t.detach().reshape(-1).tolist() for t in tensors]


def trajectory(step, parameters):
    """The weights after each step; `step(t)` changes them."""
    recorded = []
    for t in range(STEPS):
        for p in parameters:
            p.grad = torch.sin(3 * p.detach() + t) + p.detach() / 2
        step(t)
        recorded.append(values(parameters))
    return recorded


def muon(options):
    torch_options = {MUON.get(name, name): ADJUST.get(value, value) if isinstance(value, str) else value for name, value in options.items()}

    def run(dtype, inside):
        """`inside`: the type in which PyTorch's Newton–Schulz iteration runs; it names bfloat16 itself."""
        parameters = start(dtype)
        optimizer = torch.optim.Muon(parameters, **torch_options)
        with mock.patch.object(torch, "bfloat16", inside):
            return trajectory(lambda t: optimizer.step(), parameters)

    exact, rounded = run(torch.float64, torch.float64), run(torch.float64, torch.bfloat16)
    moved = max(abs(torch.tensor(exact[-1][0]) - start()[0].detach().reshape(-1)))
    gap = max(abs(torch.tensor(sum(exact[0], [])) - torch.tensor(sum(rounded[0], []))))
    assert gap < 0.05 * moved, (gap, moved)  # PyTorch as it is agrees, to the few digits of bfloat16
    last = run(torch.float32, torch.float32)[-1]
    return {"kind": "Muon", "options": options, "float64": exact, "float32": last}


def lion(options):
    """Algorithm 2 of Chen et al., arXiv:2302.06675, written out."""
    lr, weight_decay = options["lr"], options.get("weightDecay", 0.0)
    beta1, beta2 = options.get("betas", [0.9, 0.99])

    def run(dtype):
        parameters = start(dtype)
        momenta = [torch.zeros_like(p) for p in parameters]

        @torch.no_grad()
        def step(t):
            for p, m in zip(parameters, momenta):
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad)
                m.copy_(beta2 * m + (1 - beta2) * p.grad)
                p.copy_(p - lr * (update + weight_decay * p))

        return trajectory(step, parameters)

    return {"kind": "Lion", "options": options, "float64": run(torch.float64), "float32": run(torch.float32)[-1]}


def ema(decay, bias_correction):
    """The averages of weights that SGD moves, after each step."""
    parameters = start()
    model = torch.nn.ParameterList(parameters)
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    utils = torch.optim.swa_utils
    averaged = utils.AveragedModel(model, multi_avg_fn=utils.get_ema_multi_avg_fn(decay))
    raw, averages = [torch.zeros_like(p) for p in parameters], []

    def step(t):
        optimizer.step()
        averaged.update_parameters(model)
        for r, p in zip(raw, parameters):  # Adam's moment, which starts at 0
            r.copy_(decay * r + (1 - decay) * p.detach())
        corrected = [r / (1 - decay ** (t + 1)) for r in raw]
        averages.append(values(corrected if bias_correction else averaged.parameters()))

    trajectory(step, parameters)
    return {"options": {"decay": decay, "biasCorrection": bias_correction}, "averages": averages}


def warmup_stable_decay(peak, floor, warmup, decay, steps):
    """Warm-up, plateau and decay of PyTorch's, one after the other."""
    lr = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    parts = [
        lr.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup),
        lr.ConstantLR(optimizer, factor=1.0, total_iters=1),
        lr.LinearLR(optimizer, start_factor=1.0, end_factor=floor / peak, total_iters=decay),
    ]
    scheduler = lr.SequentialLR(optimizer, parts, milestones=[warmup, steps - decay])
    rates = []
    for _ in range(steps + 2):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


golden = {
    "shapes": SHAPES,
    "start": values(start()),
    "trajectories": [
        muon({}),
        muon({"lr": 0.02, "nesterov": False, "weightDecay": 0.3, "momentum": 0.8}),
        muon({"lr": 0.1, "adjustLrFn": "matchRmsAdamW", "weightDecay": 0}),
        muon({"lr": 0.02, "adjustLrFn": "spectralUnclamped", "nsSteps": 3, "nsCoefficients": [2.0, -1.5, 0.5], "eps": 10.0}),
        lion({"lr": 0.01}),
        lion({"lr": 0.02, "betas": [0.8, 0.95], "weightDecay": 0.3}),
    ],
    "ema": [ema(0.9, False), ema(0.9, True)],
    "warmupStableDecay": warmup_stable_decay(1e-3, 1e-4, 5, 8, 25),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes")
