import { type Conv2dOptions, conv2d } from '../ops/index.ts';
import { checkOptions, type Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initKaimingUniform, initUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of a `Conv2d` layer: those of the op, and more. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Initial weight. Default U(±1/√fan-in), PyTorch's. */
  readonly init?: Init;
}

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
    checkOptions('Conv2d', options, 'stride');
    const { bias = true, init = initKaimingUniform(1 / Math.sqrt(3)), ...rest } = options;
    const [height, width] = typeof size === 'number' ? [size, size] : size;
    checkSize('Conv2d', { inputs, outputs, height, width });
    const shape = [height, width, inputs / (rest.groups ?? 1), outputs];
    checkSize('Conv2d', { 'inputs / groups': shape[2]! });
    const bound = 1 / Math.sqrt(height * width * shape[2]!);
    this.weight = new Parameter(init(shape), { role: 'weight' });
    this.bias = bias ? new Parameter(initUniform(-bound, bound)([outputs]), { role: 'bias' }) : null;
    this.options = rest;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }
}
