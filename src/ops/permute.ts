import { defineOp } from '../autograd/index.ts';
import { check, checkList, resolveAxis, type Tensor } from '../tensor/index.ts';

/**
 * Reorders the axes: axis i of the result is axis order[i] of `x`. A view.
 *
 *   y = x with axes in `order`        dx = dy with axes in the inverse order
 */
export const permute = defineOp({
  name: 'permute',
  forward(x: Tensor, order: readonly number[]) {
    checkList('permute', 'the order', order, '0, 2, 1');
    const axes = order.map((axis) => resolveAxis('permute', axis, x.rank));
    check(
      axes.length === x.rank && new Set(axes).size === x.rank,
      'permute',
      `the order names each of the ${x.rank} axes once`,
      () => `[${order}]`,
    );
    return { output: permuted(x, axes), saved: { axes } };
  },
  backward: (dy, { axes }) => [
    permuted(
      dy,
      axes.map((_, axis) => axes.indexOf(axis)),
    ),
  ],
});

function permuted(x: Tensor, axes: readonly number[]): Tensor {
  return x.strided(
    axes.map((axis) => x.shape[axis]!),
    axes.map((axis) => x.stride[axis]!),
  );
}

/** Exchanges two axes, by default the last two. A view. */
export function transpose(x: Tensor, axis1 = -2, axis2 = -1): Tensor {
  const [a, b] = [resolveAxis('transpose', axis1, x.rank), resolveAxis('transpose', axis2, x.rank)];
  const order = Array.from({ length: x.rank }, (_, axis) => (axis === a ? b : axis === b ? a : axis));
  return permute(x, order);
}
