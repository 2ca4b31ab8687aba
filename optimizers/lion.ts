import type { Parameter } from '../src/nn/parameter.ts';
import type { FloatArray } from '../src/tensor/index.ts';
import type { Group, ParametersOrGroups } from './groups.ts';
import { Optimizer } from './optimizer.ts';
import { zerosLike } from './state.ts';

/** The options of `Lion`, for all parameters or for one group. */
export interface LionOptions {
  /** Learning rate. Default 1e-4: a third to a tenth of what AdamW would take. */
  readonly lr?: number;
  /** Decay rates β₁, of the direction, and β₂, of the momentum. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Decay λ of the weights. Default 0; three to ten times what AdamW would take, as lr·λ counts. */
  readonly weightDecay?: number;
}

/**
 * Lion: every weight moves by lr, in the direction of a sign. A search among programs found it.
 *
 *   u = sign(β₁m + (1 − β₁)g)
 *   w ← w − lr·(u + λw)
 *   m ← β₂m + (1 − β₂)g
 *
 * The direction gives the newest gradient more weight than the momentum does that is kept. The state is half
 * of AdamW's.
 *
 * Chen et al., "Symbolic Discovery of Optimization Algorithms", arXiv:2302.06675
 */
export class Lion extends Optimizer<LionOptions, 'm'> {
  constructor(params: ParametersOrGroups<LionOptions>, options: LionOptions = {}) {
    super(params, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter) };
  }

  protected override update(
    w: FloatArray,
    g: FloatArray,
    { m }: Record<'m', FloatArray>,
    { lr, betas: [beta1, beta2], weightDecay }: Group<LionOptions>,
  ): void {
    for (let i = 0; i < w.length; i++) {
      const direction = Math.sign(beta1 * m[i]! + (1 - beta1) * g[i]!);
      w[i]! -= lr * (direction + weightDecay * w[i]!);
      m[i] = beta2 * m[i]! + (1 - beta2) * g[i]!;
    }
  }
}
