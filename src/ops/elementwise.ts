import { defineOp, type Op } from '../autograd/index.ts';
import { type Formula, kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { checkTensors, floats } from './operands.ts';

/** The op's arguments: x, and a number if the formula declares one. */
type Operands<F extends Formula> =
  Parameters<F['f']> extends [x?: number]
    ? Parameters<F['df']> extends [x?: number, y?: number]
      ? [x: Tensor]
      : [x: Tensor, parameter: number]
    : [x: Tensor, parameter: number];

/**
 * A differentiable op from a scalar formula: y = f(x) for each element, dx = dy·f′(x). If the formula
 * declares a parameter, f(x, parameter), the op takes it as its second argument. It looks at no further ones,
 * so `tensors.map(op)` works. Saved: x and y; the derivative takes whichever is cheaper.
 */
export function elementwise<F extends Formula>(formula: F): Op<Operands<F>> {
  const op = mapped(formula);
  const withParameter = formula.f.length > 1 || formula.df.length > 2;
  const value = (x: Tensor, parameter = 0) => op(x, withParameter ? parameter : 0);
  return Object.defineProperty(value, 'name', { value: formula.name });
}

function mapped(formula: Formula): Op<[x: Tensor, parameter: number]> {
  const { name } = formula;
  return defineOp({
    name,
    forward(x: Tensor, parameter: number) {
      checkTensors({ 'the argument': x });
      const output = empty(x.shape, x.dtype);
      kernels.map(output.memory, floats(x), formula, parameter);
      return { output, saved: { x, y: output, parameter } };
    },
    backward(dy, { x, y, parameter }) {
      const dx = empty(x.shape, x.dtype);
      kernels.mapGrad(dx.memory, floats(dy), floats(x), y.memory, formula, parameter);
      return [dx];
    },
  });
}
