import { depthwiseConv1d } from '../ops/index.ts';
import { check, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of a `DepthwiseConv1d` layer. */
export interface DepthwiseConv1dOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Initial weight. Default U(±1/√k), PyTorch's. */
  readonly init?: Init;
}

/**
 * The depthwise convolution of sequences: each channel is filtered alone, and sequences keep their length.
 *
 * Parameters: weight (k, C), bias (C). Shapes: (B, T, C) → (B, T, C).
 */
export class DepthwiseConv1d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(channels: number, size: number, options: DepthwiseConv1dOptions = {}) {
    super();
    checkSize('DepthwiseConv1d', { channels, size });
    check(size % 2 === 1, 'DepthwiseConv1d', 'the size of a window is odd', () => `${size}`);
    const bound = 1 / Math.sqrt(size);
    const { bias, init } = withDefaults<Required<DepthwiseConv1dOptions>>('DepthwiseConv1d', options, {
      bias: true,
      init: initUniform(-bound, bound),
    });
    this.weight = new Parameter(init([size, channels]), { role: 'weight' });
    this.bias = bias ? new Parameter(initUniform(-bound, bound)([channels]), { role: 'bias' }) : null;
  }

  forward(x: Tensor): Tensor {
    return depthwiseConv1d(x, this.weight, this.bias);
  }
}
