import { defineOp, type Op } from '../autograd/index.ts';
import { type BinaryName, kernels } from '../kernels/index.ts';
import { empty, getDefaultDtype, type Tensor } from '../tensor/index.ts';
import { asTensor, broadcastPair, broadcastView } from './operands.ts';

type Operand = Tensor | number;

/**
 * Elementwise comparison with broadcasting: 1 where it holds, else 0, in the float type of the operands (the
 * default one if both are integers, which are compared exactly). NaN is unequal to everything.
 *
 * Steps are flat, so the gradient is 0 wherever it exists; like PyTorch's subgradients it is 0 at the jump
 * too. A loss may therefore contain comparisons (a mask, an accuracy) and still be differentiated.
 */
function comparison(name: string, kernel: BinaryName): Op<[a: Operand, b: Operand]> {
  return defineOp({
    name,
    forward(a: Operand, b: Operand) {
      const whole = [a, b].every((value) => typeof value === 'number' || value.dtype === 'int32');
      const [x, y] = whole
        ? broadcastPair(asTensor(a, 'float64'), asTensor(b, 'float64'))
        : broadcastPair(a, b);
      const output = empty(x.shape, whole ? getDefaultDtype() : x.dtype);
      kernels.binary(kernel, output.memoryView, x.memoryView, y.memoryView);
      return { output, saved: {} };
    },
    backward(dy) {
      const zero = broadcastView(asTensor(0, dy.dtype), dy.shape);
      return [zero, zero];
    },
  });
}

/** Tests a = b, elementwise: 1 where it holds, else 0. */
export const equal = comparison('equal', 'eq');
/** Tests a ≠ b, elementwise: 1 where it holds, else 0. */
export const notEqual = comparison('notEqual', 'neq');
/** Tests a < b, elementwise: 1 where it holds, else 0. */
export const less = comparison('less', 'lt');
/** Tests a ≤ b, elementwise: 1 where it holds, else 0. */
export const lessEqual = comparison('lessEqual', 'leq');
/** Tests a > b, elementwise: 1 where it holds, else 0. */
export const greater = comparison('greater', 'gt');
/** Tests a ≥ b, elementwise: 1 where it holds, else 0. */
export const greaterEqual = comparison('greaterEqual', 'geq');
