import { kernels } from '../src/kernels/index.ts';
import type { Parameter } from '../src/nn/parameter.ts';
import type { Memory } from '../src/tensor/index.ts';
import type { Group, ParametersOrGroups } from './groups.ts';
import { Optimizer } from './optimizer.ts';
import { zerosLike } from './state.ts';

/** The options of `AdamW`, for all parameters or for one group. */
export interface AdamWOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Decay rates β₁ and β₂ of the moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Term ε of the denominator, for stability. Default 1e-8. */
  readonly eps?: number;
  /** Decay λ of the weights. Default 0.01. */
  readonly weightDecay?: number;
  /** Whether m is divided by 1 − β₁ᵗ and v by 1 − β₂ᵗ. Default true; false, with eps 1e-6, is BERT's. */
  readonly biasCorrection?: boolean;
}

/**
 * Adam with decoupled weight decay, the usual optimizer of Transformers.
 *
 *   m ← β₁m + (1 − β₁)g            v ← β₂v + (1 − β₂)g²
 *   m̂ = m / (1 − β₁ᵗ)              v̂ = v / (1 − β₂ᵗ)           m̂ = m and v̂ = v without bias correction
 *   w ← w − lr·(m̂ / (√v̂ + ε) + λw)
 *
 * Why the decay is not in the loss: there it would become part of g, and Adam divides g by its own running
 * size, so the weights with the largest gradients would decay least (see Adam). Here every weight shrinks by
 * 1 − lr·λ per step.
 *
 * Why biases and the gains of normalizations are exempt: decay limits how strongly a layer responds to its
 * input, which is what a weight matrix decides. A bias only shifts, and pulling a gain to 0 switches its
 * feature off (1 is its neutral value). `decayGroups` and its sisters make the groups.
 *
 * Without bias correction the moments start too small, m by 1 − β₁ᵗ but √v by √(1 − β₂ᵗ): with the default
 * betas the first step is 3.2 times as long, the twelfth 6.6 times. BERT has it that way and relies on its
 * warm-up.
 *
 * As torch.optim.AdamW. Loshchilov & Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101;
 * google-research/bert, optimization.py (AdamWeightDecayOptimizer)
 */
export class AdamW extends Optimizer<AdamWOptions, 'm' | 'v', Memory> {
  protected override readonly takes = 'memory';

  constructor(params: ParametersOrGroups<AdamWOptions>, options: AdamWOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0.01,
      biasCorrection: true,
    });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter), v: zerosLike(parameter) };
  }

  protected override update(
    w: Memory,
    g: Memory,
    { m, v }: Record<'m' | 'v', Memory>,
    { lr, betas: [beta1, beta2], eps, weightDecay, biasCorrection }: Group<AdamWOptions>,
    step: number,
  ): void {
    const [correction1, correction2] = biasCorrection ? [1 - beta1 ** step, 1 - beta2 ** step] : [1, 1];
    kernels.adamW(w, m, v, g, { lr, beta1, beta2, eps, weightDecay, correction1, correction2 });
  }
}
