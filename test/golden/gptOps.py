"""Values and gradients of the ops of the GPT family, from PyTorch 1.13 in float64. Writes gptOps.json."""
import math

import torch
import torch.nn.functional as F
from cases import case, write

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)

h = torch.randn(2, 3, 7) * 2 + 1


def rms_norm(x, gain=None, eps=1e-6):
    y = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)
    return y if gain is None else y * gain


case('rmsNorm', rms_norm, x=h, gain=torch.randn(7))
case('rmsNorm plain', lambda x: rms_norm(x, eps=1e-2), x=h)


def rotary(x, start=0, base=10000):
    """Pairs as complex numbers, times e^(i·angle)."""
    B, T, H, D = x.shape
    angles = torch.outer(torch.arange(start, start + T).double(), base ** (-torch.arange(0, D, 2).double() / D))
    z = torch.view_as_complex(x.reshape(B, T, H, D // 2, 2)) * torch.polar(torch.ones_like(angles), angles)[:, None]
    return torch.view_as_real(z).reshape(x.shape)


q = torch.randn(2, 3, 2, 6)
case('rotary', rotary, x=q)
case('rotary 3', lambda x: rotary(x, 3), x=q)
case('rotary base', lambda x: rotary(x, 1, 50), x=q[:, :2, :, :2])

for axis in (0, 1, -1):
    case(f'repeatInterleave {axis}', lambda x: x.repeat_interleave(3, axis), x=torch.randn(2, 3, 2))

x = torch.cat([torch.randn(12) * 2, torch.tensor([0.0, 1e-8, -1e-8, 12.0, -12.0, 1e3])])
case('squaredRelu', lambda x: F.relu(x) ** 2, x=x)
for sigma in (0.2, 2.5):
    case(f'gelu sigma {sigma}', lambda x: x * torch.distributions.Normal(0, 1).cdf(x / sigma), x=x)
case('gelu tanh sigma 0.5', lambda x: 0.5 * F.gelu(x / 0.5, approximate='tanh'), x=x)


def alibi(slopes, T, S):
    distance = (torch.arange(T)[:, None] + S - T - torch.arange(S)).abs()
    return -torch.tensor(slopes)[:, None, None] * distance


def attention(q, k, v, bias, causal):
    T, S = q.shape[-2], k.shape[-2]
    s = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias
    if causal:
        s = s.masked_fill(torch.ones(T, S, dtype=torch.bool).triu(S - T + 1), -math.inf)
    return torch.softmax(s, -1) @ v


# Three heads: the slopes of two, and every other one of four.
slopes = [2 ** -4, 2 ** -8, 2 ** -2]
q, k, v = torch.randn(1, 3, 3, 2), torch.randn(1, 3, 5, 2), torch.randn(1, 3, 5, 2)
for causal in (True, False):
    case(f'attention alibi{" causal" if causal else ""}',
         lambda q, k, v: attention(q, k, v, alibi(slopes, 3, 5), causal), q=q, k=k, v=v)

write(__file__)
