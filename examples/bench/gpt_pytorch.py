"""The training step of step.ts in PyTorch, for `npm run bench -- --vs pytorch`.

A GPT without biases: pre-norm, exact GELU, head tied to the embedding, dropout 0, float32. A step is a random batch,
forward, backward, gradient clipping, AdamW with decay groups, and the loss read back.

    gpt_pytorch.py '{"layers": 4, "heads": 4, "width": 128, "context": 64, "batchSize": 12, "vocabSize": 65}' THREADS

prints a line that says what runs. Then each line on stdin, a number of steps, is answered by a line
{"ms": [for each step], "loss": of the last}. The first step of a round only warms the caches and is not in the list.
"""
import json
import math
import os
import sys
import time

config, threads = json.loads(sys.argv[1]), sys.argv[2]
for name in ('OMP_NUM', 'OPENBLAS_NUM', 'MKL_NUM', 'BLIS_NUM', 'VECLIB_MAXIMUM'):
    os.environ[f'{name}_THREADS'] = threads  # torch.set_num_threads, below, does not reach every BLAS

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(int(threads))
torch.manual_seed(1)
B, T, C, H, L, V = (config[name] for name in ('batchSize', 'context', 'width', 'heads', 'layers', 'vocabSize'))


class LayerNorm(nn.Module):
    """With a gain, without a bias."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))

    def forward(self, x):
        return F.layer_norm(x, (C,), self.weight)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.queryKeyValue = nn.Linear(C, 3 * C, bias=False)
        self.output = nn.Linear(C, C, bias=False)
        self.fused = hasattr(F, 'scaled_dot_product_attention')  # from PyTorch 2 on
        self.register_buffer('future', torch.ones(T, T).triu(1).bool(), persistent=False)

    def forward(self, x):
        q, k, v = (part.view(-1, T, H, C // H).transpose(1, 2) for part in self.queryKeyValue(x).split(C, 2))
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(C // H))
            y = scores.masked_fill(self.future, float('-inf')).softmax(-1) @ v
        return self.output(y.transpose(1, 2).reshape(-1, T, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention, self.norm2 = LayerNorm(), Attention(), LayerNorm()
        self.expand = nn.Linear(C, 4 * C, bias=False)
        self.output = nn.Linear(4 * C, C, bias=False)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.output(F.gelu(self.expand(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(L))
        self.norm = LayerNorm()
        for name, p in self.named_parameters():
            if p.dim() >= 2:
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * L) if 'output' in name else 0.02)

    def loss(self, tokens, targets):
        x = self.tokens(tokens) + self.positions(torch.arange(T))
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, V), targets.view(-1))


def make_optimizer(model):
    parameters = list(model.parameters())
    groups = [
        {'params': [p for p in parameters if p.dim() >= 2], 'weight_decay': 0.1},
        {'params': [p for p in parameters if p.dim() < 2], 'weight_decay': 0.0},
    ]
    try:
        return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), fused=True), 'fused'  # on the CPU from 2.4 on
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99)), 'for loop'


def blas():
    """The BLAS libraries in this process by file name; static ones (MKL in PyPI's builds) as the build names them."""
    build = torch.__config__.show().partition('BLAS_INFO=')[2].partition(',')[0]
    if build == 'mkl':
        return 'MKL'  # not the OpenBLAS that NumPy brings along
    words = ('openblas', 'mkl_rt', 'blis', 'libblas', 'armpl', 'accelerate')
    found = set()
    if os.path.exists('/proc/self/maps'):
        with open('/proc/self/maps') as maps:
            paths = {line.split()[-1] for line in maps if '.so' in line}
        found = {name for name in map(os.path.basename, paths) if any(word in name.lower() for word in words)}
    return ' + '.join(sorted(found)) or build or 'unknown'


model = GPT()
optimizer, optimizer_kind = make_optimizer(model)
data = torch.randint(V, (100_000,))


def step():
    starts = torch.randint(len(data) - T, (B,)).tolist()
    inputs = torch.stack([data[i : i + T] for i in starts])
    targets = torch.stack([data[i + 1 : i + 1 + T] for i in starts])
    loss = model.loss(inputs, targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def timed(run):
    start = time.perf_counter()
    loss = run()
    return 1000 * (time.perf_counter() - start), loss


step()  # loads what is loaded lazily
about = {
    'version': torch.__version__,
    'blas': blas(),
    'threads': torch.get_num_threads(),
    'attention': 'fused' if model.blocks[0].attention.fused else 'explicit',
    'optimizer': optimizer_kind,
    'parameters': sum(p.numel() for p in model.parameters()),
}
print(json.dumps(about), flush=True)
for line in sys.stdin:
    step()
    rounds = [timed(step) for _ in range(int(line))]
    print(json.dumps({'ms': [ms for ms, _ in rounds], 'loss': rounds[-1][1]}), flush=True)
