import type { Conv2dOptions } from '../ops/index.ts';
import { type Shape, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initKaimingUniform, initUniform } from './init.ts';
import { Parameter } from './parameter.ts';

/** The options of layers of convolution that are about their parameters. */
export interface ConvolutionParameterOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Initial weight. Default U(±1/√fan-in), PyTorch's. */
  readonly init?: Init;
}

/** All that a layer of convolution can be told: of its op, and of its parameters. */
const defaults: Required<Conv2dOptions & ConvolutionParameterOptions> = {
  bias: true,
  init: initKaimingUniform(1 / Math.sqrt(3)),
  stride: 1,
  padding: [0, 0],
  dilation: 1,
  groups: 1,
};

/**
 * The weight (…window, Cin/groups, Cout) and the bias (Cout) or null, after a check of all options. The bias
 * begins as U(±1/√fan-in), where fan-in is the size of the window times Cin/groups.
 */
export function convolutionParameters(
  where: string,
  window: Shape,
  [inputs, outputs]: readonly [inputs: number, outputs: number],
  options: Conv2dOptions & ConvolutionParameterOptions,
): { weight: Parameter; bias: Parameter | null } {
  const { bias, init, groups } = withDefaults(where, options, defaults);
  checkSize(where, { inputs, outputs });
  for (const size of window) checkSize(where, { 'the size of a window': size });
  const perGroup = inputs / groups;
  checkSize(where, { 'inputs / groups': perGroup });
  const bound = 1 / Math.sqrt(window.reduce((fanIn, size) => fanIn * size, perGroup));
  return {
    weight: new Parameter(init([...window, perGroup, outputs]), { role: 'weight' }),
    bias: bias ? new Parameter(initUniform(-bound, bound)([outputs]), { role: 'bias' }) : null,
  };
}
