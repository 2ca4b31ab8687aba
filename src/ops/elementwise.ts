import { defineOp, type Op } from '../autograd/index.ts';
import { type Formula, kernels } from '../kernels/index.ts';
import { empty, type FloatArray, type Tensor } from '../tensor/index.ts';
import { floats } from './operands.ts';

/**
 * A differentiable op from a scalar formula: y = f(x) for each element, dx = dy·f′(x).
 * Saved: x and y; the derivative takes whichever is cheaper.
 */
export function elementwise(formula: Formula): Op<[x: Tensor, parameter?: number]> {
  const { name } = formula;
  return defineOp({
    name,
    forward(x: Tensor, parameter = 0) {
      const output = empty(x.shape, x.dtype, name);
      kernels.map(output.data as FloatArray, floats(name, x), formula, parameter);
      return { output, saved: { x, y: output, parameter } };
    },
    backward(dy, { x, y, parameter }) {
      const dx = empty(x.shape, x.dtype);
      kernels.mapGrad(
        dx.data as FloatArray,
        floats(name, dy),
        floats(name, x),
        y.data as FloatArray,
        formula,
        parameter,
      );
      return [dx];
    },
  });
}
