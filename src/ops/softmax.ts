import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, resolveAxis, sizeOf, type Tensor } from '../tensor/index.ts';
import { checkNoMore, floats } from './operands.ts';
import { transpose } from './permute.ts';

/**
 * Softmax: scores become a probability distribution along `axis` (default the last).
 *
 *   y = exp(x) / Σ exp(x)        dx = y ⊙ (dy − Σ dy⊙y)
 *
 * Shapes: y as x. The row's maximum is subtracted first, only for stability: it cancels. A row of −∞ alone
 * has no distribution and gives NaN, as in PyTorch.
 */
export function softmax(x: Tensor, axis = -1, ...none: never[]): Tensor {
  checkNoMore('softmax', none);
  if (resolveAxis('softmax', axis, x.rank) === x.rank - 1) return softmaxOfRows(x);
  return transpose(softmaxOfRows(transpose(x, axis, -1)), axis, -1);
}

/** Softmax of each row; kernels work on rows, so another axis is moved last and back. Saved: y. */
const softmaxOfRows = defineOp({
  name: 'softmax',
  forward(x: Tensor) {
    const y = empty(x.shape, x.dtype);
    kernels.softmax(y.memory, floats(x), sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!);
    return { output: y, saved: { y } };
  },
  backward(dy, { y }) {
    const dx = empty(y.shape, y.dtype);
    const [rows, cols] = [sizeOf(y.shape.slice(0, -1)), y.shape.at(-1)!];
    kernels.softmaxGrad(dx.memory, floats(dy), y.memory, rows, cols);
    return [dx];
  },
});
