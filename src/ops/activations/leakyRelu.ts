import { checkFinite, type Tensor, withDefaults } from '../../tensor/index.ts';
import { elementwise } from '../elementwise.ts';

/** The options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope of the negative side. Default 0.01. */
  readonly negativeSlope?: number;
}

const leaky = elementwise({
  name: 'leakyRelu',
  f: (x, slope) => (x > 0 ? x : slope * x),
  df: (x, _y, slope) => (x > 0 ? 1 : slope),
});

/**
 * Leaky ReLU: a small slope a keeps negative units trainable.
 *
 *   y = x for x > 0, else a·x        y′ = 1 for x > 0, else a        a = negativeSlope
 *
 * Monotonic for a ≥ 0, not smooth at 0, unbounded. StyleGAN and YOLOv3 use it.
 *
 * Maas, Hannun & Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML 2013
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  const { negativeSlope } = withDefaults<Required<LeakyReluOptions>>('leakyRelu', options, {
    negativeSlope: 0.01,
  });
  checkFinite('leakyRelu', { negativeSlope });
  return leaky(x, negativeSlope);
}
