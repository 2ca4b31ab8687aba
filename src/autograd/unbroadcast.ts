import { kernels } from '../kernels/index.ts';
import { check, empty, type Shape, sameShape, show, sizeOf, type Tensor } from '../tensor/index.ts';

/**
 * The adjoint of broadcasting: sums a gradient over the axes along which its input was stretched, down to
 * `shape`. (Copying a value to many places in forward means adding their gradients in backward.)
 */
export function unbroadcast(where: string, gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.rank - shape.length;
  check(
    lead >= 0 && shape.every((dimension, i) => dimension === 1 || dimension === gradient.shape[lead + i]),
    where,
    `a gradient has its input's shape, ${show(shape)}, or one that this broadcasts to`,
    () => show(gradient.shape),
  );
  let sum = gradient;
  // Leading axes in one go, then each stretched axis: every step sums a contiguous (outer, length, inner)
  // block.
  if (lead > 0) sum = sumMiddle(sum, 0, lead);
  shape.forEach((dimension, axis) => {
    if (dimension === 1 && sum.shape[axis] !== 1) sum = sumMiddle(sum, axis, axis + 1, 1);
  });
  return sum;
}

/** Sums over axes [from, to) and puts the dimensions `instead` in their place. */
function sumMiddle(x: Tensor, from: number, to: number, ...instead: number[]): Tensor {
  const packed = x.isContiguous ? x : empty(x.shape, x.dtype);
  if (packed !== x) kernels.copy(packed.memoryView, x.memoryView);
  const out = empty([...x.shape.slice(0, from), ...instead, ...x.shape.slice(to)], x.dtype, 'unbroadcast');
  const outer = sizeOf(x.shape.slice(0, from));
  kernels.sum(out.memory, packed.memory, outer, sizeOf(x.shape.slice(from, to)), sizeOf(x.shape.slice(to)));
  return out;
}
