import { type Conv1dOptions, conv1d } from '../ops/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { type ConvolutionParameterOptions, convolutionParameters } from './convolutionParameters.ts';
import { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** The options of a `Conv1d` layer: those of the op, and more. */
export type Conv1dLayerOptions = Conv1dOptions & ConvolutionParameterOptions;

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
    const parameters = convolutionParameters('Conv1d', [size], [inputs, outputs], options);
    this.weight = parameters.weight;
    this.bias = parameters.bias;
    const { bias: _bias, init: _init, ...ofTheOp } = options;
    this.options = ofTheOp;
  }

  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, this.options);
  }
}
