"""Golden numbers for src/nn/lora.ts: a GPT with adapters, their gradients and ten steps, from PyTorch in float64.

    python3 test/golden/lora.py        (writes lora.json beside this file)

The model is that of gpt.py. Each target's weight is W + alpha/rank·B·A, which is also what merging gives.
"""

import json
from pathlib import Path

import gpt
import torch

torch.manual_seed(4)

RANK, ALPHA, TARGETS, STEPS, LR = 3, 5, ["query", "value", "feedForward.contract"], 10, 1e-2
CASE = gpt.DEFAULTS | dict(bias=True, positions="rotary", tiedHead=False)

frozen = {name: value.detach() for name, value in gpt.make_parameters(CASE).items()}
targets = [name for name in frozen if any(name.endswith(f".{target}.weight") for target in TARGETS)]
adapters = {}
for name in targets:
    n_out, n_in = frozen[name].shape
    adapters[name.replace("weight", "adapter.A")] = (torch.randn(RANK, n_in) * 0.4).requires_grad_()
    adapters[name.replace("weight", "adapter.B")] = (torch.randn(n_out, RANK) * 0.4).requires_grad_()


def merged():
    change = lambda name: adapters[name.replace("weight", "adapter.B")] @ adapters[name.replace("weight", "adapter.A")]
    return frozen | {name: frozen[name] + ALPHA / RANK * change(name) for name in targets}


def values(tensors):
    return {name: value.tolist() for name, value in tensors.items()}


tokens = torch.randint(gpt.SIZE["vocabSize"], (gpt.BATCH, gpt.SIZE["context"]))
answers = torch.randint(gpt.SIZE["vocabSize"], tokens.shape)
start = values(adapters)
result = dict(
    size=gpt.SIZE, options=dict(bias=True, positions="rotary", tiedHead=False),
    lora=dict(rank=RANK, alpha=ALPHA, targets=TARGETS), lr=LR,
    parameters=values(frozen), adapters=start, tokens=tokens.tolist(), targets=answers.tolist(),
    logits=gpt.forward(CASE, merged(), tokens).tolist(),
)
optimizer = torch.optim.AdamW(adapters.values(), lr=LR, weight_decay=0.1)
losses = []
for step in range(STEPS):
    optimizer.zero_grad()
    loss = gpt.loss_of(CASE, merged(), tokens, answers)
    loss.backward()
    if step == 0:
        result["gradients"] = {name: value.grad.tolist() for name, value in adapters.items()}
    losses.append(float(loss))
    optimizer.step()
result |= dict(losses=losses, final=values(adapters), merged={name: merged()[name].tolist() for name in targets})
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
