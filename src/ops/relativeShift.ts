import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, show, type Tensor, zeroed } from '../tensor/index.ts';

/**
 * From scores by distance to scores by key: the shift of Transformer-XL.
 *
 *   y[…, t, s] = x[…, t, T − 1 − t + s]
 *
 * Query t meets key s at the distance t − s. Column j of x is for the distance T − 1 − j: the first for the
 * key that is farthest behind, the last for the one farthest ahead. Each row of y reads the row of x one step
 * further left than the row before: a view, with the stride of a row one less.
 *
 * Shapes: x (…, T, 2T − 1), y (…, T, T).
 *
 * Dai et al., "Transformer-XL", arXiv:1901.02860, appendix B
 */
export const relativeShift = defineOp({
  name: 'relativeShift',
  forward(x: Tensor) {
    const [T, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
    check(
      x.rank >= 2 && T >= 1 && columns === 2 * T - 1,
      'relativeShift',
      'x is (…, T, 2T − 1): a column for each distance',
      () => show(x.shape),
    );
    return { output: shifted(x), saved: { shape: x.shape } };
  },
  backward(dy, { shape }) {
    const dx = zeroed(shape, dy.dtype);
    kernels.copy(shifted(dx).memoryView, dy.memoryView);
    return [dx];
  },
});

function shifted(x: Tensor): Tensor {
  const T = x.shape.at(-2)!;
  const [row, column] = [x.stride.at(-2)!, x.stride.at(-1)!];
  const stride = [...x.stride.slice(0, -2), row - column, column];
  return x.strided([...x.shape.slice(0, -1), T], stride, x.offset + (T - 1) * column);
}
