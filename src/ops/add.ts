import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { broadcastPair } from './operands.ts';

/**
 * Sum of two tensors, or of a tensor and a number, with broadcasting.
 *
 *   y = a + b        da = dy,  db = dy
 */
export const add = defineOp({
  name: 'add',
  forward(a: Tensor | number, b: Tensor | number) {
    const [x, y] = broadcastPair(a, b);
    const output = empty(x.shape, x.dtype);
    kernels.binary('add', output.memoryView, x.memoryView, y.memoryView);
    return { output, saved: {} };
  },
  backward: (dy) => [dy, dy],
});
