import { rmsNorm } from '../ops/index.ts';
import { type Complete, checkFinite, ones, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of the layer `RMSNorm`. */
export interface RMSNormOptions {
  /** Added to the mean square, only for stability. Default 1e-6. */
  readonly eps?: number | undefined;
  /** Whether there is a gain γ. Default true. */
  readonly gain?: boolean;
}

/**
 * Root mean square normalization of the last axis, y = x/√(mean(x²) + eps) ⊙ γ, with the mean over that axis.
 *
 * Parameters: gain γ (size) = 1, never decayed. Shapes: (…, size) → (…, size).
 *
 * Zhang & Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467
 */
export class RMSNorm extends Module {
  readonly gain: Parameter | null;
  readonly eps: number;

  constructor(size: number, options: RMSNormOptions = {}) {
    super();
    checkSize('RMSNorm', { size });
    const { eps, gain } = withDefaults<Complete<RMSNormOptions>>('RMSNorm', options, {
      eps: 1e-6,
      gain: true,
    });
    checkFinite('RMSNorm', { eps }, 0);
    this.gain = gain ? new Parameter(ones([size]), { role: 'gain' }) : null;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.gain, { eps: this.eps });
  }
}
