import { defineOp, isRecording, type Op } from '../autograd/index.ts';
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
 * so `tensors.map(op)` works. Saved: f′(x), which forward computes beside f(x), because both share their most
 * expensive parts.
 */
export function elementwise<F extends Formula>(formula: F): Op<Operands<F>> {
  const op = mapped(formula);
  const withParameter = formula.f.length > 1 || formula.df.length > 2;
  const value = (x: Tensor, parameter = 0) => {
    checkTensors({ 'the argument': x }, {}, formula.name);
    return op(x, withParameter ? parameter : 0, isRecording() && x.requiresGrad);
  };
  return Object.defineProperty(value, 'name', { value: formula.name });
}

function mapped(formula: Formula): Op<[x: Tensor, parameter: number, differentiable: boolean]> {
  return defineOp({
    name: formula.name,
    forward(x: Tensor, parameter: number, differentiable: boolean) {
      const output = empty(x.shape, x.dtype);
      const slope = differentiable ? empty(x.shape, x.dtype) : null;
      if (slope === null) kernels.map(output.memory, floats(x), formula, parameter);
      else kernels.mapWithSlope(output.memory, slope.memory, floats(x), formula, parameter);
      return { output, saved: { slope } };
    },
    backward(dy, { slope }) {
      const dx = empty(dy.shape, dy.dtype);
      kernels.binary('mul', dx.memoryView, dy.memoryView, slope!.memoryView);
      return [dx];
    },
  });
}
