"""The ops of opCases.ts in PyTorch, for `npm run bench -- --ops`: forward and backward.

    ops_pytorch.py THREADS

prints a line that says what runs. Then each line on stdin, [name, calls], is answered by the milliseconds of each call.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def variable(*shape):
    return torch.randn(*shape, requires_grad=True)


def weighted(op):
    dy = torch.randn(op().shape)
    return lambda: (op() * dy).sum()


def lstm():
    x, model = variable(32, 64, 64), torch.nn.LSTM(64, 128, batch_first=True)
    return weighted(lambda: model(x)[0])


def convolution():
    x, weight, bias = variable(16, 16, 32, 32), variable(32, 16, 3, 3), variable(32)
    return weighted(lambda: F.conv2d(x, weight, bias, padding=1))


def depthwise():
    x, weight, bias = variable(16, 64, 128), variable(64, 1, 15), variable(64)
    return weighted(lambda: F.conv1d(x, weight, bias, padding=7, groups=64))


def ctc():
    x = variable(16, 128, 30)
    targets = torch.tensor([[1 + (b + 7 * i) % 29 for i in range(20)] for b in range(16)])
    frames, symbols = torch.full((16,), 128), torch.full((16,), 20)
    return lambda: F.ctc_loss(x.log_softmax(-1).transpose(0, 1), targets, frames, symbols)


makers = {'LSTM': lstm, 'convolution': convolution, 'depthwise': depthwise, 'CTC': ctc}
cases = {}


def timed(forward):
    start = time.perf_counter()
    forward().backward()
    return 1000 * (time.perf_counter() - start)


print(json.dumps({'version': torch.__version__, 'threads': torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    name, calls = json.loads(line)
    word = name.split()[0].rstrip(',')
    if word not in cases:
        cases[word] = makers[word]()
        timed(cases[word])
    timed(cases[word])
    print(json.dumps([timed(cases[word]) for _ in range(calls)]), flush=True)
