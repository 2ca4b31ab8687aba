import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, resolveAxis, sizeOf, type Tensor } from '../tensor/index.ts';
import { broadcastView, checkNoMore, floats } from './operands.ts';
import { transpose } from './permute.ts';

/**
 * The logarithm of softmax along `axis` (default the last).
 *
 *   y = x − log Σ exp(x)        dx = dy − softmax(x)·Σ dy
 *
 * Shapes: y as x. Never computed as log(softmax(x)): a probability that underflows would give −∞. The row's
 * maximum is taken off both terms before they are subtracted, so that large scores cost no digits.
 */
export function logSoftmax(x: Tensor, axis = -1, ...none: never[]): Tensor {
  checkNoMore('logSoftmax', none);
  if (resolveAxis('logSoftmax', axis, x.rank) === x.rank - 1) return logSoftmaxOfRows(x);
  return transpose(logSoftmaxOfRows(transpose(x, axis, -1)), axis, -1);
}

/** Saved: y, whose softmax is that of x. */
const logSoftmaxOfRows = defineOp({
  name: 'logSoftmax',
  forward(x: Tensor) {
    const [lead, cols] = [x.shape.slice(0, -1), x.shape.at(-1)!];
    const y = empty(x.shape, x.dtype);
    const perRow = empty([...lead, 1], x.dtype);
    const subtractRowwise = (from: Tensor) =>
      kernels.binary('sub', y.memoryView, from.memoryView, broadcastView(perRow, x.shape).memoryView);
    const place = empty(lead, 'int32').memory;
    kernels.max(perRow.memory, place, floats(x), sizeOf(lead), cols, 1);
    subtractRowwise(x);
    kernels.logSumExp(perRow.memory, y.memory, sizeOf(lead), cols);
    subtractRowwise(y);
    return { output: y, saved: { y } };
  },
  backward(dy, { y }) {
    const [lead, cols] = [y.shape.slice(0, -1), y.shape.at(-1)!];
    const dx = empty(y.shape, y.dtype);
    const total = empty([...lead, 1], y.dtype);
    kernels.sum(total.memory, floats(dy), sizeOf(lead), cols, 1);
    kernels.softmax(dx.memory, y.memory, sizeOf(lead), cols);
    kernels.binary('mul', dx.memoryView, dx.memoryView, broadcastView(total, y.shape).memoryView);
    kernels.binary('sub', dx.memoryView, dy.memoryView, dx.memoryView);
    return [dx];
  },
});
