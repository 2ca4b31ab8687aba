import { kernels } from '../src/kernels/index.ts';
import type { Parameter } from '../src/nn/parameter.ts';
import type { Memory } from '../src/tensor/index.ts';
import type { Group, ParametersOrGroups } from './groups.ts';
import { Optimizer } from './optimizer.ts';
import { zerosLike } from './state.ts';

/** The options of `Adam`, for all parameters or for one group. */
export interface AdamOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Decay rates β₁ and β₂ of the moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Term ε of the denominator, for stability. Default 1e-8. */
  readonly eps?: number;
  /** Factor λ of an L2 penalty in the gradient. Default 0; for weight decay take AdamW. */
  readonly weightDecay?: number;
}

/**
 * Adam: each weight has a step size of its own, by the running moments of its gradient.
 *
 *   g ← g + λw
 *   m ← β₁m + (1 − β₁)g            v ← β₂v + (1 − β₂)g²
 *   m̂ = m / (1 − β₁ᵗ)              v̂ = v / (1 − β₂ᵗ)           without the bias of having started at 0
 *   w ← w − lr·m̂ / (√v̂ + ε)
 *
 * The penalty λw passes through m and √v like any gradient. So it is divided by the size of the gradients:
 * weights with large ones hardly decay, and a weight without any moves by about lr whatever λ is. AdamW
 * decays all by the same factor.
 *
 * As torch.optim.Adam. Kingma & Ba, "Adam: A Method for Stochastic Optimization", arXiv:1412.6980
 */
export class Adam extends Optimizer<AdamOptions, 'm' | 'v', Memory> {
  protected override readonly takes = 'memory';

  constructor(params: ParametersOrGroups<AdamOptions>, options: AdamOptions = {}) {
    super(params, options, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter), v: zerosLike(parameter) };
  }

  protected override update(
    w: Memory,
    gradient: Memory,
    { m, v }: Record<'m' | 'v', Memory>,
    { lr, betas: [beta1, beta2], eps, weightDecay }: Group<AdamOptions>,
    step: number,
    parameter: Parameter,
  ): void {
    const g = weightDecay === 0 ? gradient : penalized(parameter, weightDecay);
    const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
    kernels.adamW(w, m, v, g, { lr, beta1, beta2, eps, weightDecay: 0, correction1, correction2 });
  }
}

function penalized({ grad, values }: Parameter, weightDecay: number): Memory {
  const g = grad!.toTypedArray();
  for (let i = 0; i < g.length; i++) g[i]! += weightDecay * values[i]!;
  return g;
}
