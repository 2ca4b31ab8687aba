import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { aroundAxis, empty, resolveAxis, type Tensor, withDefaults } from '../tensor/index.ts';
import { reducedCount } from './internal/reducedCount.ts';
import { packed } from './operands.ts';
import type { ReduceOptions } from './sum.ts';

/**
 * Index of the largest element along an axis, as int32; without an axis, its position in row-major order. Of
 * several equal ones the first counts; NaN counts as the largest. No gradient.
 */
export const argmax = defineOp({
  name: 'argmax',
  forward(x: Tensor, axis?: number, options: ReduceOptions = {}) {
    const { keepDims } = withDefaults<Required<ReduceOptions>>('argmax', options, { keepDims: false });
    reducedCount('argmax', x.shape, axis);
    const along = axis === undefined ? undefined : resolveAxis('argmax', axis, x.rank);
    const reduced = (i: number) => along === undefined || i === along;
    const shape = keepDims
      ? x.shape.map((d, i) => (reduced(i) ? 1 : d))
      : x.shape.filter((_, i) => !reduced(i));
    const [outer, length, inner] = along === undefined ? [1, x.size, 1] : aroundAxis(x.shape, along);
    const output = empty(shape, 'int32');
    const values = empty(shape, x.dtype);
    kernels.max(values.memory, output.memory, packed(x).memory, outer, length, inner);
    return { output, saved: {} };
  },
});
