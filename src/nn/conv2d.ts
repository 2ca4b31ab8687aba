import { type Conv2dOptions, conv2d } from '../ops/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { type ConvolutionParameterOptions, convolutionParameters } from './convolutionParameters.ts';
import { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** The options of a `Conv2d` layer: those of the op, and more. */
export type Conv2dLayerOptions = Conv2dOptions & ConvolutionParameterOptions;

/**
 * The convolution of images, y = windows(x)·W + b.
 *
 * Parameters: weight (kH, kW, Cin/groups, Cout), bias (Cout). Shapes: (B, H, W, Cin) → (B, H′, W′, Cout).
 *
 *     new Conv2d(3, 16, 3, { stride: 2, padding: 1 }).forward(images)
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Conv2dOptions;

  /** @param size of a window: one number, or height and width */
  constructor(
    inputs: number,
    outputs: number,
    size: number | readonly [height: number, width: number],
    options: Conv2dLayerOptions = {},
  ) {
    super();
    const window = typeof size === 'number' ? [size, size] : size;
    const parameters = convolutionParameters('Conv2d', window, [inputs, outputs], options);
    this.weight = parameters.weight;
    this.bias = parameters.bias;
    const { bias: _bias, init: _init, ...ofTheOp } = options;
    this.options = ofTheOp;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }
}
