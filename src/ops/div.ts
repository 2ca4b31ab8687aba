import { defineOp, type Gradients } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { mul } from './mul.ts';
import { broadcastPair, checkFloat } from './operands.ts';
import { neg } from './sub.ts';

/**
 * Elementwise quotient of two tensors, or of a tensor and a number, with broadcasting. Integers alone are an
 * error: convert them first, so that nothing is rounded by surprise.
 *
 *   y = a / b        da = dy / b,  db = −dy ⊙ (a / b) / b
 *
 * Saved: y and b; db takes the quotient as it is.
 */
export const div = defineOp({
  name: 'div',
  forward(a: Tensor | number, b: Tensor | number) {
    const [x, y] = broadcastPair(a, b);
    checkFloat(x);
    const output = empty(x.shape, x.dtype);
    kernels.binary('div', output.memoryView, x.memoryView, y.memoryView);
    return { output, saved: { quotient: output, b } };
  },
  backward(dy, { quotient, b }, needs): Gradients {
    const da = div(dy, b);
    return [da, needs[1] ? neg(mul(da, quotient)) : null];
  },
});
