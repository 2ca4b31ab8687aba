import { layerNorm } from '../ops/index.ts';
import { type Complete, checkFinite, ones, type Tensor, withDefaults, zeros } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of the layer `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance, only for stability. Default 1e-5 (PyTorch, GPT-2); BERT has 1e-12. */
  readonly eps?: number | undefined;
  /** Whether there is a gain γ. Default true. */
  readonly gain?: boolean;
  /** Whether there is a bias β. Default true. */
  readonly bias?: boolean;
}

/**
 * Layer normalization of the last axis, y = (x − μ)/√(σ² + eps) ⊙ γ + β, with μ and σ² over that axis.
 *
 * Parameters: gain γ (size) = 1, bias β (size) = 0; neither is ever decayed. Shapes: (…, size) → (…, size).
 *
 * Ba, Kiros & Hinton, "Layer Normalization", arXiv:1607.06450
 */
export class LayerNorm extends Module {
  readonly gain: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(size: number, options: LayerNormOptions = {}) {
    super();
    checkSize('LayerNorm', { size });
    const { eps, gain, bias } = withDefaults<Complete<LayerNormOptions>>('LayerNorm', options, {
      eps: 1e-5,
      gain: true,
      bias: true,
    });
    checkFinite('LayerNorm', { eps }, 0);
    this.gain = gain ? new Parameter(ones([size]), { role: 'gain' }) : null;
    this.bias = bias ? new Parameter(zeros([size]), { role: 'bias' }) : null;
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.gain, this.bias, { eps: this.eps });
  }
}
