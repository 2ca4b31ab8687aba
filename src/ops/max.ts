import { defineOp, type Gradients } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, resolveAxes, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { argmax } from './argmax.ts';
import { equal } from './comparison.ts';
import { div } from './div.ts';
import { squeeze } from './expandDims.ts';
import { gather } from './gather.ts';
import { reducedCount } from './internal/reducedCount.ts';
import { mul } from './mul.ts';
import { packed } from './operands.ts';
import { permute } from './permute.ts';
import { neg, sub } from './sub.ts';
import { type ReduceOptions, sum } from './sum.ts';

/**
 * Largest element over one axis, several, or (by default) all; NaN wins. Reducing zero elements is an error.
 *
 * Where several elements are the largest, the gradient follows PyTorch's two functions: over one axis, given
 * as a number, the first winner takes it all (`torch.max(x, dim)`); over a list of axes or over all, winners
 * share it evenly (`torch.amax`, `torch.max(x)`).
 */
export function max(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  const { keepDims } = withDefaults<Required<ReduceOptions>>('max', options, { keepDims: false });
  reducedCount('max', x.shape, axes);
  const reduced = resolveAxes('max', axes, x.rank);
  const y =
    typeof axes === 'number' ? gather(x, axes, argmax(x, axes, { keepDims: true })) : amax(x, reduced);
  return keepDims ? y : squeeze(y, reduced);
}

/** Smallest element: −max(−x), with its gradients. (For integers −1 − max(−1 − x): int32 has no −(−2³¹).) */
export function min(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  const { keepDims } = withDefaults<Required<ReduceOptions>>('min', options, { keepDims: false });
  reducedCount('min', x.shape, axes);
  const mirrored = (y: Tensor) => (x.dtype === 'int32' ? sub(-1, y) : neg(y));
  return mirrored(max(mirrored(x), axes, { keepDims }));
}

/**
 * The maximum over axes; equal winners share the gradient.
 *
 *   y = max x        dx = dy ⊙ [x = y] / Σ[x = y]
 *
 * Reduced axes stay with length 1. Saved: x and y.
 */
const amax = defineOp({
  name: 'max',
  forward(x: Tensor, axes: readonly number[]) {
    const kept = x.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
    const others = kept.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const rows = packed(permute(x, [...others, ...axes])).memory;
    const output = empty(kept, x.dtype);
    const index = empty(kept, 'int32').memory;
    kernels.max(output.memory, index, rows, output.size, sizeOf(axes.map((axis) => x.shape[axis]!)), 1);
    return { output, saved: { x, y: output, axes } };
  },
  backward(dy, { x, y, axes }): Gradients {
    const winners = equal(x, y);
    return [mul(winners, div(dy, sum(winners, axes, { keepDims: true }))), null];
  },
});
