"""Values and gradients of the neural-network ops, from PyTorch 1.13 in float64. Writes nnOps.json."""
import math

import torch
import torch.nn.functional as F
from cases import case, cases, packed, write

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

x = torch.cat([torch.randn(30) * 3, torch.tensor([0.0, 1e-8, -1e-8, 3.5, -3.0, 12.0, -12.0, 100.0, -100.0, 1e4])])
wide = x.reshape(4, 10)
case('gelu exact', lambda x: F.gelu(x), x=x)
case('gelu tanh', lambda x: F.gelu(x, approximate='tanh'), x=x)
case('relu', F.relu, x=x)
case('leakyRelu', F.leaky_relu, x=x)
case('leakyRelu 0.2', lambda x: F.leaky_relu(x, 0.2), x=x)
case('elu', F.elu, x=x)
case('elu 1.7', lambda x: F.elu(x, 1.7), x=x)
case('silu', F.silu, x=x)
case('silu 1.5', lambda x: x * torch.sigmoid(1.5 * x), x=x)
case('mish', F.mish, x=x)
case('sigmoid', torch.sigmoid, x=x)
case('tanh', torch.tanh, x=x)
case('softplus', lambda x: F.softplus(x, threshold=50), x=x)
case('hardswish', F.hardswish, x=x)
case('prelu', F.prelu, x=wide, weight=torch.tensor([0.3]))
case('prelu channels', F.prelu, x=wide, weight=torch.randn(10))
case('glu', F.glu, x=wide)
case('geglu', lambda x: x[..., :5] * F.gelu(x[..., 5:]), x=wide)
case('swiglu', lambda x: x[..., :5] * F.silu(x[..., 5:]), x=wide)

scores = torch.randn(3, 4, 5) * 4
for axis in (-1, 0, 1):
    case(f'softmax {axis}', lambda x: torch.softmax(x, axis), x=scores)
    case(f'logSoftmax {axis}', lambda x: torch.log_softmax(x, axis), x=scores)
    case(f'logSumExp {axis}', lambda x: torch.logsumexp(x, axis), x=scores)
case('logSumExp keepDims', lambda x: torch.logsumexp(x, 1, keepdim=True), x=scores)
case('logSoftmax large', lambda x: torch.log_softmax(x, -1), x=scores + 1e4)

h = torch.randn(2, 3, 7) * 2 + 1
case('layerNorm', lambda x, gain, bias: F.layer_norm(x, (7,), gain, bias), x=h, gain=torch.randn(7), bias=torch.randn(7))
case('layerNorm plain', lambda x: F.layer_norm(x, (7,), eps=1e-3), x=h)
case('embedding', lambda table, indices: F.embedding(indices, table),
     table=torch.randn(6, 3), indices=torch.tensor([[1, 5, 1], [0, 1, 3]]))

logits, targets = torch.randn(2, 5, 7) * 3, torch.randint(0, 7, (2, 5))
ignored = targets.clone()
ignored[0, 1] = ignored[1, 4] = -100
weights = torch.rand(7) + 0.1
for label, options, t in [
    ('plain', {}, targets),
    ('smoothing', {'label_smoothing': 0.1}, targets),
    ('ignore', {}, ignored),
    ('ignore class 2', {'ignore_index': 2}, targets),
    ('weights', {'weight': weights}, ignored),
    ('everything', {'weight': weights, 'label_smoothing': 0.2}, ignored),
]:
    for reduction in ('mean', 'sum', 'none'):
        case(f'crossEntropy {label} {reduction}',
             lambda logits, targets: F.cross_entropy(logits.reshape(-1, 7), targets.reshape(-1), reduction=reduction, **options)
             .reshape(targets.shape if reduction == 'none' else ()), logits=logits, targets=t)
cases['crossEntropy weights'] = packed(weights)

a, b = torch.randn(3, 4), torch.randn(3, 4)
labels, positive = torch.rand(3, 4), torch.rand(4) * 3
spread = a * torch.tensor([1.0, 5.0, 20.0, 100.0])
for reduction in ('mean', 'sum', 'none'):
    case(f'mse {reduction}', lambda prediction, target: F.mse_loss(prediction, target, reduction=reduction),
         prediction=a, target=b)
    case(f'bce {reduction}', lambda logits, targets: F.binary_cross_entropy_with_logits(
        logits, targets, reduction=reduction), logits=spread, targets=labels)
    case(f'bce positive {reduction}', lambda logits, targets: F.binary_cross_entropy_with_logits(
        logits, targets, pos_weight=positive, reduction=reduction), logits=spread, targets=labels)
cases['bce positive weights'] = packed(positive)


def attention(q, k, v, mask=None, causal=False, padding=None, scale=None):
    """softmax(scale q kT + masks) v; a query that sees no key gets zeros."""
    T, S, D = q.shape[-2], k.shape[-2], q.shape[-1]
    s = q @ k.transpose(-1, -2) * (scale or 1 / math.sqrt(D))
    if mask is not None:
        s = s + mask
    hidden = torch.zeros(T, S, dtype=torch.bool)
    if causal:
        hidden = torch.ones(T, S, dtype=torch.bool).triu(S - T + 1)
    if padding is not None:
        hidden = hidden | padding[:, None, None, :].bool()
    hidden = hidden.expand(s.shape)
    s = s.masked_fill(hidden, -math.inf)
    # All-hidden rows are given finite scores first, so that no NaN enters the graph, and then a weight of zero.
    blind = hidden.all(-1, keepdim=True)
    return torch.softmax(s.masked_fill(blind, 0), -1).masked_fill(blind, 0) @ v


def heads(length):
    return torch.randn(2, 2, length, 3)


padding = torch.tensor([[0, 0, 0, 1, 1], [0, 1, 0, 0, 0]])
blind = torch.tensor([[1, 1, 1, 1, 1], [0, 1, 0, 0, 0]])
q, k, v = heads(5), heads(5), heads(5)
case('attention', attention, q=q, k=k, v=v)
case('attention scale', lambda q, k, v: attention(q, k, v, scale=0.3), q=q, k=k, v=v)
case('attention causal', lambda q, k, v: attention(q, k, v, causal=True), q=q, k=k, v=v)
case('attention cross', attention, q=heads(3), k=k, v=v)
case('attention causal S > T', lambda q, k, v: attention(q, k, v, causal=True), q=heads(3), k=k, v=v)
case('attention causal S < T', lambda q, k, v: attention(q, k, v, causal=True), q=heads(7), k=k, v=v)
case('attention padding', lambda q, k, v, padding: attention(q, k, v, padding=padding), q=q, k=k, v=v, padding=padding)
case('attention padding causal', lambda q, k, v, padding: attention(q, k, v, padding=padding, causal=True),
     q=q, k=k, v=v, padding=padding)
case('attention blind', lambda q, k, v, padding: attention(q, k, v, padding=padding), q=q, k=k, v=v, padding=blind)
case('attention mask', attention, q=q, k=k, v=v, mask=torch.randn(5, 5))
case('attention mask per head', lambda q, k, v, mask, padding: attention(q, k, v, mask=mask, padding=padding),
     q=q, k=k, v=v, mask=torch.randn(2, 1, 5), padding=padding)
case('attention mask full', attention, q=heads(3), k=k, v=v, mask=torch.randn(2, 2, 3, 5))

write(__file__)
