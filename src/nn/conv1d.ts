import { type Conv1dOptions, conv1d } from '../ops/index.ts';
import { checkOptions, type Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initKaimingUniform, initUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of a `Conv1d` layer: those of the op, and more. */
export interface Conv1dLayerOptions extends Conv1dOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Initial weight. Default U(±1/√fan-in), PyTorch's. */
  readonly init?: Init;
}

/**
 * The convolution of sequences, y = windows(x)·W + b.
 *
 * Parameters: weight (k, Cin/groups, Cout), bias (Cout). Shapes: (B, T, Cin) → (B, T′, Cout).
 *
 *     new Conv1d(80, 144, 3, { stride: 2, padding: 1 }).forward(sound)
 */
export class Conv1d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Conv1dOptions;

  constructor(inputs: number, outputs: number, size: number, options: Conv1dLayerOptions = {}) {
    super();
    checkOptions('Conv1d', options, 'stride');
    const { bias = true, init = initKaimingUniform(1 / Math.sqrt(3)), ...rest } = options;
    checkSize('Conv1d', { inputs, outputs, size });
    const shape = [size, inputs / (rest.groups ?? 1), outputs];
    checkSize('Conv1d', { 'inputs / groups': shape[1]! });
    const bound = 1 / Math.sqrt(size * shape[1]!);
    this.weight = new Parameter(init(shape), { role: 'weight' });
    this.bias = bias ? new Parameter(initUniform(-bound, bound)([outputs]), { role: 'bias' }) : null;
    this.options = rest;
  }

  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, this.options);
  }
}
