import { defineOp, type Gradients } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { broadcastPair } from './operands.ts';

/**
 * Elementwise product of two tensors, or of a tensor and a number, with broadcasting.
 *
 *   y = a ⊙ b        da = dy ⊙ b,  db = dy ⊙ a
 *
 * Saved: a and b.
 */
export const mul = defineOp({
  name: 'mul',
  forward(a: Tensor | number, b: Tensor | number) {
    const [x, y] = broadcastPair(a, b);
    const output = empty(x.shape, x.dtype);
    kernels.binary('mul', output.memoryView, x.memoryView, y.memoryView);
    return { output, saved: { a, b } };
  },
  backward: (dy, { a, b }, needs): Gradients => [needs[0] ? mul(dy, b) : null, needs[1] ? mul(dy, a) : null],
});
