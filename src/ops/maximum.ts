import { defineOp, type Gradients, type Op } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { equal, less } from './comparison.ts';
import { mul } from './mul.ts';
import { broadcastPair } from './operands.ts';
import { where } from './where.ts';

type Operand = Tensor | number;

/** The winner takes the gradient; a tie splits it evenly, as in PyTorch. Saved: a and b. */
function extremum(
  name: string,
  kernel: 'max' | 'min',
  loses: Op<[a: Operand, b: Operand]>,
): Op<[a: Operand, b: Operand]> {
  const share = (dy: Tensor, own: Operand, other: Operand) =>
    where(loses(own, other), 0, where(equal(own, other), mul(dy, 0.5), dy));
  return defineOp({
    name,
    forward(a: Operand, b: Operand) {
      const [x, y] = broadcastPair(a, b);
      const output = empty(x.shape, x.dtype);
      kernels.binary(kernel, output.memoryView, x.memoryView, y.memoryView);
      return { output, saved: { a, b } };
    },
    backward: (dy, { a, b }, needs): Gradients => [
      needs[0] ? share(dy, a, b) : null,
      needs[1] ? share(dy, b, a) : null,
    ],
  });
}

/**
 * The larger of two, elementwise with broadcasting; NaN wins.
 *
 *   y = max(a, b)        da = dy ⊙ ([a > b] + ½[a = b]),  db = dy ⊙ ([b > a] + ½[a = b])
 */
export const maximum = extremum('maximum', 'max', less);

/**
 * The smaller of two, elementwise with broadcasting; NaN wins.
 *
 *   y = min(a, b)        da = dy ⊙ ([a < b] + ½[a = b]),  db = dy ⊙ ([b < a] + ½[a = b])
 */
export const minimum = extremum('minimum', 'min', (a, b) => less(b, a));
