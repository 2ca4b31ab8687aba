import { defineOp, type Gradients } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { mul } from './mul.ts';
import { broadcastPair } from './operands.ts';

/**
 * Difference of two tensors, or of a tensor and a number, with broadcasting.
 *
 *   y = a − b        da = dy,  db = −dy
 */
export const sub = defineOp({
  name: 'sub',
  forward(a: Tensor | number, b: Tensor | number) {
    const [x, y] = broadcastPair(a, b);
    const output = empty(x.shape, x.dtype);
    kernels.binary('sub', output.memoryView, x.memoryView, y.memoryView);
    return { output, saved: {} };
  },
  backward: (dy, _saved, needs): Gradients => [dy, needs[1] ? mul(dy, -1) : null],
});

/** The negative: y = −x, dx = −dy. */
export function neg(x: Tensor): Tensor {
  return mul(x, -1);
}
