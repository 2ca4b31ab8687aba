"""How golden cases of single ops are made and written: nnOps.py and gptOps.py.

Each case: inputs (name -> shape, data), the output y, a random upstream gradient dy, and the gradient of each input.
Python prints a float with as many digits as it takes to read it back exactly.
"""
import json
import pathlib

import torch

cases = {}


def packed(x):
    return {'shape': list(x.shape), 'data': x.detach().reshape(-1).tolist()}


def case(name, f, **inputs):
    """f(…inputs) with gradients for every float input."""
    leaves = {key: x.detach().clone().requires_grad_(x.is_floating_point()) for key, x in inputs.items()}
    y = f(*leaves.values())
    dy = torch.randn(y.shape)
    y.backward(dy)
    grads = {key: packed(x.grad) for key, x in leaves.items() if x.requires_grad}
    cases[name] = {'inputs': {k: packed(x) for k, x in inputs.items()}, 'y': packed(y), 'dy': packed(dy), 'grads': grads}


def write(script):
    pathlib.Path(script).with_suffix('.json').write_text(json.dumps(cases, separators=(',', ':')) + '\n')
