import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, empty, type Shape, type Tensor } from '../tensor/index.ts';
import { checkTensors } from './operands.ts';

/** Numbers of elements to add before and after each axis, one pair for each axis of the tensor. */
export type Borders = readonly (readonly [before: number, after: number])[];

/**
 * Surrounds a tensor with a border of one value.
 *
 *   y = x in the middle, `value` around it        dx = the middle of dy
 *
 * Shapes: y is longer than x by before + after on each axis; without borders it is x itself.
 */
export const pad = defineOp({
  name: 'pad',
  forward(x: Tensor, borders: Borders, value: number = 0) {
    checkTensors({ x });
    const counts = borders.flat();
    check(
      borders.length === x.rank && counts.every((count) => Number.isInteger(count) && count >= 0),
      'pad',
      `there are two whole numbers ≥ 0 for each of the ${x.rank} axes`,
      () => JSON.stringify(borders),
    );
    if (counts.every((count) => count === 0)) return { output: x, saved: { borders, shape: x.shape } };
    const y = empty(
      x.shape.map((length, axis) => length + borders[axis]![0] + borders[axis]![1]),
      x.dtype,
    );
    y.storage.fill(value);
    kernels.copy(middle(y, borders, x.shape).memoryView, x.memoryView);
    return { output: y, saved: { borders, shape: x.shape } };
  },
  backward: (dy, { borders, shape }) => [middle(dy, borders, shape), null, null],
});

function middle(y: Tensor, borders: Borders, shape: Shape): Tensor {
  const offset = borders.reduce((at, [before], axis) => at + before * y.stride[axis]!, y.offset);
  return y.strided(shape, y.stride, y.size === 0 || shape.includes(0) ? y.offset : offset);
}
