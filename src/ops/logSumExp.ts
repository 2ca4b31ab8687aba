import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, resolveAxis, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { broadcastView, floats, packed } from './operands.ts';
import { transpose } from './permute.ts';
import { reshape } from './reshape.ts';
import type { ReduceOptions } from './sum.ts';

/**
 * The logarithm of a sum of exponentials along `axis` (default the last): a smooth maximum, and the log of
 * softmax's denominator.
 *
 *   y = log Σ exp(x) = max x + log Σ exp(x − max x)        dx = dy·softmax(x)
 *
 * Shapes: y is x without the axis, or with length 1 there if `keepDims`. The second form never overflows; a
 * row whose maximum is infinite gives that maximum.
 */
export function logSumExp(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  const { keepDims } = withDefaults<Required<ReduceOptions>>('logSumExp', options, { keepDims: false });
  const reduced = resolveAxis('logSumExp', axis, x.rank);
  const kept = logSumExpOfRows(reduced === x.rank - 1 ? x : transpose(x, reduced, -1));
  const y = reduced === x.rank - 1 ? kept : transpose(kept, reduced, -1);
  return keepDims ? y : reshape(y, x.shape.toSpliced(reduced, 1));
}

/** Reduces each row: (…, n) → (…, 1). Saved: x. */
const logSumExpOfRows = defineOp({
  name: 'logSumExp',
  forward(x: Tensor) {
    const lead = x.shape.slice(0, -1);
    const y = empty([...lead, 1], x.dtype);
    kernels.logSumExp(y.memory, floats(x), sizeOf(lead), x.shape.at(-1)!);
    return { output: y, saved: { x } };
  },
  backward(dy, { x }) {
    const dx = empty(x.shape, x.dtype);
    const y = dx.memory;
    kernels.softmax(y, floats(x), sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!);
    kernels.binary('mul', dx.memoryView, dx.memoryView, broadcastView(packed(dy), x.shape).memoryView);
    return [dx];
  },
});
