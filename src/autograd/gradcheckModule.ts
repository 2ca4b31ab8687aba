import {
  check,
  checkFunctions,
  normalSample,
  randomStream,
  type Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { backward } from './backward.ts';
import {
  agree,
  checkDifferenceOptions,
  type DifferenceOptions,
  differenceDefaults,
  directionalDerivative,
  dot,
  failDerivative,
} from './gradcheck.ts';

/** Anything that has parameters with names, such as a `Module`. */
export interface Parametric {
  namedParameters(): readonly (readonly [name: string, parameter: Tensor])[];
}

/**
 * Throws unless the gradient of every parameter w that is not frozen is right, along a random direction u:
 * dL/dw·u = (L(w + εu) − L(w − εu)) / 2ε. The message names the parameter. Gradients are cleared before and
 * after.
 *
 * ```ts
 * gradcheckModule(block, () => block.forward(x).square().sum());
 * ```
 *
 * @param model in float64: made after `setDefaultDtype('float64')`
 * @param loss one element, the same at every call: with dropout, call `model.eval()` before
 */
export function gradcheckModule(
  model: Parametric,
  loss: () => Tensor,
  options: DifferenceOptions = {},
): void {
  const where = 'gradcheckModule';
  const settings = withDefaults<Required<DifferenceOptions>>(where, options, differenceDefaults);
  checkDifferenceOptions(where, settings);
  checkFunctions(where, { 'the loss': loss });
  const parameters = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
  for (const [name, { dtype }] of parameters) {
    check(
      dtype === 'float64',
      where,
      'parameters are float64 (differences drown in the rounding of float32)',
      () => `${name} in ${dtype}`,
      () => "call setDefaultDtype('float64') before the model is made",
    );
  }
  const zeroGrad = () => {
    for (const [, parameter] of parameters) parameter.zeroGrad();
  };
  zeroGrad();
  try {
    backward(loss());
    const random = randomStream('gradcheck');
    for (const [name, parameter] of parameters) {
      const direction = Float64Array.from(
        parameter.data,
        () => normalSample(random) / Math.sqrt(parameter.size),
      );
      const got = parameter.grad ? dot(parameter.grad.data, direction) : 0;
      const [expected] = directionalDerivative(loss, parameter, (e) => direction[e]!, settings.eps);
      if (agree(got, expected!, settings)) continue;
      failDerivative(where, got, expected!, `parameter ${name}, along a random direction`);
    }
  } finally {
    zeroGrad();
  }
}
