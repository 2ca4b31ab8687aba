import { defineOp } from '../autograd/index.ts';
import { check, checkList, checkShape, type Shape, show, sizeOf, type Tensor } from '../tensor/index.ts';
import { packed, reshaped } from './operands.ts';

/**
 * The same elements, in row-major order, under another shape; one dimension may be −1 (whatever is left).
 * A view if `x` is contiguous, else a copy.
 *
 *   y = x as `shape`        dx = dy as x.shape
 */
export const reshape = defineOp({
  name: 'reshape',
  forward(x: Tensor, shape: Shape) {
    checkList('reshape', 'a shape', shape);
    return { output: reshaped(packed(x), resolve(x, shape)), saved: { from: x.shape } };
  },
  backward: (dy, { from }) => [reshaped(packed(dy), from)],
});

/** PyTorch's reshape that never copies: a tensor that is not contiguous is an error. */
export function view(x: Tensor, shape: Shape): Tensor {
  checkList('view', 'a shape', shape);
  check(
    x.isContiguous,
    'view',
    'the tensor is contiguous',
    () => `shape ${show(x.shape)} with strides ${show(x.stride)}`,
    () => 'take reshape, which copies where it must',
  );
  return reshape(x, shape);
}

function resolve(x: Tensor, shape: Shape): Shape {
  const known = sizeOf(shape.filter((dimension) => dimension !== -1));
  const resolved = shape.map((dimension) => (dimension === -1 ? x.size / known : dimension));
  const good = shape.filter((dimension) => dimension === -1).length <= 1 && sizeOf(resolved) === x.size;
  check(
    good && resolved.every(Number.isInteger),
    'reshape',
    `the new shape holds the ${x.size} elements of ${show(x.shape)} (one dimension may be -1)`,
    () => show(shape),
  );
  checkShape('reshape', resolved);
  return resolved;
}
