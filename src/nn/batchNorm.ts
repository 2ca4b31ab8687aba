import { noGrad } from '../autograd/index.ts';
import { add, batchNorm, copy_, div, mul, sqrt, sub } from '../ops/index.ts';
import { check, checkFinite, ones, type Tensor, withDefaults, zeros } from '../tensor/index.ts';
import { Buffer } from './buffer.ts';
import { checkSize } from './checks.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of a `BatchNorm`. */
export interface BatchNormOptions {
  /** Added to the variance, only for stability. Default 1e-5. */
  readonly eps?: number;
  /** Share of the newest batch in the running statistics, in (0, 1]. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalization of the last axis: y = (x − μ)/√(σ² + eps) ⊙ γ + β. In training, μ and σ² are those of
 * the batch, and running statistics follow them; in evaluation they are the running ones.
 *
 *   running ← (1 − momentum)·running + momentum·batch, where the batch's variance is divided by n − 1
 *
 * The batch is normalized by the variance divided by n: both are PyTorch's choices.
 *
 * Parameters: gain γ (C) = 1, bias β (C) = 0; neither is ever decayed. Buffers: runningMean (C) = 0,
 * runningVariance (C) = 1. Shapes: (…, C) → (…, C).
 *
 * Ioffe & Szegedy, "Batch Normalization", arXiv:1502.03167
 */
export class BatchNorm extends Module {
  readonly gain: Parameter;
  readonly bias: Parameter;
  readonly runningMean: Buffer;
  readonly runningVariance: Buffer;
  readonly eps: number;
  readonly momentum: number;

  constructor(channels: number, options: BatchNormOptions = {}) {
    super();
    checkSize('BatchNorm', { channels });
    const { eps, momentum } = withDefaults<Required<BatchNormOptions>>('BatchNorm', options, {
      eps: 1e-5,
      momentum: 0.1,
    });
    checkFinite('BatchNorm', { eps }, 0);
    check(momentum > 0 && momentum <= 1, 'BatchNorm', 'momentum lies in (0, 1]', () => `${momentum}`);
    this.gain = new Parameter(ones([channels]), { role: 'gain' });
    this.bias = new Parameter(zeros([channels]), { role: 'bias' });
    this.runningMean = new Buffer(zeros([channels]));
    this.runningVariance = new Buffer(ones([channels]));
    this.eps = eps;
    this.momentum = momentum;
  }

  forward(x: Tensor): Tensor {
    if (!this.training) {
      const slope = div(this.gain, sqrt(add(this.runningVariance, this.eps)));
      return add(mul(sub(x, this.runningMean), slope), this.bias);
    }
    const n = x.size / this.gain.size;
    check(n > 1, 'BatchNorm', 'a batch to train on has more than one value for each channel', () => `${n}`);
    const [y, mean, variance] = batchNorm(x, this.gain, this.bias, this.eps);
    noGrad(() => {
      this.#follow(this.runningMean, mean);
      this.#follow(this.runningVariance, mul(variance, n / (n - 1)));
    });
    return y;
  }

  #follow(running: Buffer, batch: Tensor): void {
    copy_(running, add(mul(running, 1 - this.momentum), mul(batch, this.momentum)));
  }
}
