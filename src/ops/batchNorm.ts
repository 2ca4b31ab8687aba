import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, empty, show, type Tensor } from '../tensor/index.ts';
import { add } from './add.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';
import { broadcastView, checkSameDtype, checkTensors, floats } from './operands.ts';
import { sqrt } from './square.ts';

/**
 * Batch normalization: each channel gets mean 0 and variance 1 over everything else, then a learned gain and
 * bias.
 *
 *   y = x̂ ⊙ gain + bias,  x̂ = (x − μ)·r,  r = 1/√(σ² + eps)
 *   dx = r·gain ⊙ (dy − mean(dy) − x̂·mean(dy ⊙ x̂))
 *   dgain = Σ dy ⊙ x̂,  dbias = Σ dy, where means and sums run over all axes but the last
 *
 * σ² is the mean square (not divided by n − 1). Three results: y, μ and σ², the last two for running
 * statistics; no gradient flows through them. Saved: x̂, r and gain.
 *
 * Shapes: x, y (…, C); gain, bias, μ, σ² (C).
 *
 * Ioffe & Szegedy, "Batch Normalization", arXiv:1502.03167
 */
export const batchNorm = defineOp({
  name: 'batchNorm',
  forward(x: Tensor, gain: Tensor, bias: Tensor, eps: number) {
    checkTensors({ x, gain, bias });
    const C = x.shape.at(-1)!;
    check(
      x.rank >= 2 && gain.rank === 1 && bias.rank === 1 && gain.size === C && bias.size === C,
      'batchNorm',
      'x is (…, C), gain and bias (C)',
      () => `x ${show(x.shape)}, gain ${show(gain.shape)} and bias ${show(bias.shape)}`,
    );
    checkSameDtype([x, gain, bias]);
    const rows = x.size / C;
    const mean = mul(sumOf(x), 1 / rows);
    const normalized = empty(x.shape, x.dtype);
    combine('sub', normalized, x, mean);
    const y = empty(x.shape, x.dtype);
    combine('mul', y, normalized, normalized);
    const variance = mul(sumOf(y), 1 / rows);
    const rstd = div(1, sqrt(add(variance, eps)));
    combine('mul', normalized, normalized, rstd);
    combine('mul', y, normalized, gain);
    combine('add', y, y, bias);
    return { outputs: [y, mean, variance], saved: { normalized, rstd, gain } };
  },
  backward([dy], { normalized, rstd, gain }) {
    const rows = dy.size / gain.size;
    const product = empty(dy.shape, dy.dtype);
    combine('mul', product, dy, normalized);
    const [dgain, dbias] = [sumOf(product), sumOf(dy)];
    const dx = empty(dy.shape, dy.dtype);
    combine('mul', dx, normalized, mul(dgain, 1 / rows));
    combine('sub', dx, dy, dx);
    combine('sub', dx, dx, mul(dbias, 1 / rows));
    combine('mul', dx, dx, mul(rstd, gain));
    return [dx, dgain, dbias, null];
  },
});

/** Σ over all axes but the last. */
function sumOf(x: Tensor): Tensor {
  const C = x.shape.at(-1)!;
  const total = empty([C], x.dtype);
  kernels.sum(total.memory, floats(x), 1, x.size / C, C);
  return total;
}

function combine(name: 'add' | 'sub' | 'mul', out: Tensor, a: Tensor, b: Tensor): void {
  kernels.binary(name, out.memoryView, a.memoryView, broadcastView(b, out.shape).memoryView);
}
