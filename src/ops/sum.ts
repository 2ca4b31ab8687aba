import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, resolveAxes, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { asTensor, broadcastView, packed, reshaped, toInt32 } from './operands.ts';

/** The options of ops that reduce axes. */
export interface ReduceOptions {
  /** Keep reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

/**
 * Sum over one axis, several, or (by default) all; accumulated in float64. A sum of integers that int32
 * cannot hold is an error.
 *
 *   y = Σ x        dx = dy, stretched over the summed axes
 */
export const sum = defineOp({
  name: 'sum',
  forward(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}) {
    const { keepDims } = withDefaults<Required<ReduceOptions>>('sum', options, { keepDims: false });
    const reduced = resolveAxes('sum', axes, x.rank);
    const kept = x.shape.map((dimension, axis) => (reduced.includes(axis) ? 1 : dimension));
    const shape = keepDims ? kept : x.shape.filter((_, axis) => !reduced.includes(axis));
    const whole = x.dtype === 'int32';
    const y = sumAxes(packed(whole ? asTensor(x, 'float64') : x), reduced);
    return { output: reshaped(whole ? toInt32(y) : y, shape), saved: { from: x.shape, kept } };
  },
  backward: (dy, { from, kept }) => [broadcastView(reshaped(packed(dy), kept), from)],
});

/** Sums the axes from the last to the first, neighbouring ones in one go; reduced axes stay with length 1. */
function sumAxes(x: Tensor, axes: readonly number[]): Tensor {
  let result = x;
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first]! - 1) first--;
    const [from, to] = [axes[first]!, axes[last]! + 1];
    const { shape } = result;
    const out = empty(
      [...shape.slice(0, from), ...shape.slice(from, to).fill(1), ...shape.slice(to)],
      x.dtype,
      'sum',
    );
    const outer = sizeOf(shape.slice(0, from));
    kernels.sum(out.memory, result.memory, outer, sizeOf(shape.slice(from, to)), sizeOf(shape.slice(to)));
    result = out;
    last = first - 1;
  }
  return result;
}
