"""Golden values and gradients of the general tensor ops, from PyTorch in float64. Run: python3 test/golden/ops.py"""
import json
import pathlib

import torch

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def normal(*shape):
    """Exactly representable in float32, so that the float32 path gets the very same numbers."""
    return torch.randn(shape).float().double()


def positive(*shape):
    return (torch.rand(shape) + 0.25).float().double()


def grid(*shape):
    """Few distinct values: ties."""
    return torch.randint(-2, 3, shape).double()


def special(*values):
    return torch.tensor(values, dtype=torch.float64)


A, B, ROW, COLUMN = normal(2, 3, 4), normal(2, 3, 4), normal(4), normal(3, 1)
TIES, TIES2 = grid(3, 4, 2), grid(3, 4, 2)
INDEX = torch.randint(0, 3, (2, 5, 4))
SHORT = torch.randint(0, 3, (1, 2, 3))

# name: (function, inputs)
CASES = {
    'sub': (lambda a, b: a - b, [A, ROW]),
    'sub from number': (lambda a: 2 - a, [A]),
    'neg': (lambda a: -a, [A]),
    'div': (lambda a, b: a / b, [A, positive(3, 1)]),
    'div by number': (lambda a: a / 3, [A]),
    'div of number': (lambda a: 3 / a, [positive(2, 3)]),
    'pow number': (lambda a: a**3, [A]),
    'pow fraction': (lambda a: a**-1.5, [positive(2, 3)]),
    'pow corners, exponent 0': (lambda a: a**0, [special(0, -1, 2)]),
    'pow corners, exponent 1': (lambda a: a**1, [special(0, -1, 2)]),
    'pow corners, exponent 2': (lambda a: a**2, [special(0, -1, 2)]),
    'pow': (lambda a, b: a**b, [positive(3, 4), normal(4)]),
    'pow corners': (lambda a, b: a**b, [special(0, 0, 0, 2, 3), special(0, 1, 2, 0, -1)]),
    'pow of number': (lambda b: 2**b, [A]),
    'pow of zero': (lambda b: torch.zeros(()) ** b, [special(0, 1, 2.5)]),
    'exp': (torch.exp, [A]),
    'log': (torch.log, [positive(2, 3)]),
    'sqrt': (torch.sqrt, [positive(2, 3)]),
    'square': (torch.square, [A]),
    'abs': (torch.abs, [special(-2, -0.5, 0, 1.5)]),
    'maximum': (torch.maximum, [TIES, TIES2]),
    'maximum broadcast': (torch.maximum, [A, COLUMN]),
    'minimum': (torch.minimum, [TIES, TIES2]),
    'clamp': (lambda a: a.clamp(-1, 1), [TIES]),
    'clamp min': (lambda a: a.clamp(min=0.1), [A]),
    'clamp max': (lambda a: a.clamp(max=0.1), [A]),
    'clamp crossed': (lambda a: a.clamp(1, -1), [TIES]),
    'where': (lambda a, b: torch.where(TIES > 0, a, b), [normal(3, 4, 2), normal(4, 1)]),
    'maskedFill': (lambda a: a.masked_fill(TIES > 0, -9), [normal(3, 4, 2)]),
    'mean': (lambda a: a.mean(), [A]),
    'mean of axes': (lambda a: a.mean([0, 2], keepdim=True), [A]),
    'max along axis': (lambda a: a.max(1)[0], [TIES]),
    'max along axis, kept': (lambda a: a.max(-1, keepdim=True)[0], [TIES]),
    'max over axes': (lambda a: a.amax([0, 2]), [TIES]),
    'max over all': (lambda a: a.max(), [TIES]),
    'max over one listed axis': (lambda a: a.amax([1], keepdim=True), [TIES]),
    'min along axis': (lambda a: a.min(1)[0], [TIES]),
    'min over axes': (lambda a: a.amin([0, 2]), [TIES]),
    'variance': (lambda a: a.var(), [A]),
    'variance of axes': (lambda a: a.var([0, 2], unbiased=False, keepdim=True), [A]),
    'cumsum': (lambda a: a.cumsum(1), [A]),
    'slice': (lambda a: a[:, 1:3, ::2], [A]),
    'slice negative': (lambda a: a[-1:, :-1, -3:-1], [A]),
    'select': (lambda a: a.select(1, -2), [A]),
    'concat': (lambda a, b: torch.cat([a, b, a], 1), [A, normal(2, 2, 4)]),
    'stack': (lambda a, b: torch.stack([a, b], -1), [A, B]),
    'split': (lambda a: torch.split(a, [1, 2], 1)[1] * torch.split(a, 1, 1)[2], [A]),
    'gather': (lambda a: a.gather(1, INDEX), [A]),
    'gather short': (lambda a: a.gather(2, SHORT), [A]),
    'broadcastTo': (lambda a: a.expand(2, 3, 4), [COLUMN]),
    'expandDims': (lambda a: a.unsqueeze(-2), [A]),
    'squeeze': (lambda a: a.squeeze(), [normal(1, 3, 1)]),
    'flatten': (lambda a: a.transpose(0, 2).flatten(1), [A]),
    'contiguous': (lambda a: a.transpose(0, 2).contiguous() * a.transpose(0, 2), [A]),
    'equal': (lambda a, b: (a == b) * a, [TIES, TIES2]),
    'less': (lambda a, b: (a < b) * a, [TIES, TIES2]),
    'lessEqual': (lambda a, b: (a <= b) * a, [TIES, TIES2]),
    'greater': (lambda a, b: (a > b) * a, [TIES, TIES2]),
    'greaterEqual': (lambda a, b: (a >= b) * a, [TIES, TIES2]),
    'notEqual': (lambda a, b: (a != b) * a, [TIES, TIES2]),
    # Ops of other files, for the engine as a whole.
    'add': (lambda a, b: a + b, [A, COLUMN]),
    'mul': (lambda a, b: a * b, [A, COLUMN]),
    'sum': (lambda a: a.sum([0, 2]), [A]),
    'matmul': (lambda a, b: a @ b.transpose(-1, -2), [A, normal(5, 4)]),
    'permute': (lambda a: a.permute(2, 0, 1) * 1, [A]),
    'reshape': (lambda a: a.transpose(0, 1).reshape(4, 6), [A]),
    'linear': (torch.nn.functional.linear, [A, normal(5, 4), normal(5)]),
}


def run(function, inputs):
    leaves = [x.clone().requires_grad_() for x in inputs]
    output = function(*leaves)
    upstream = normal(*output.shape)
    output.backward(upstream)
    zero = torch.zeros_like
    return {
        'inputs': [x.tolist() for x in inputs],
        'output': output.detach().tolist(),
        'upstream': upstream.tolist(),
        'gradients': [(zero(x) if x.grad is None else x.grad).tolist() for x in leaves],
    }


golden = {
    'ties': TIES.tolist(),
    'index': INDEX.tolist(),
    'short': SHORT.tolist(),
    'argmax': {'flat': TIES.argmax().item(), 'axis1': TIES.max(1)[1].tolist(), 'kept': TIES.max(2, keepdim=True)[1].tolist()},
    'cases': {name: run(*case) for name, case in CASES.items()},
}
path = pathlib.Path(__file__).with_suffix('.json')
path.write_text(json.dumps(golden, separators=(',', ':')))
