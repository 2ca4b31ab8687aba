import { kernels } from '../src/kernels/index.ts';
import type { Parameter } from '../src/nn/parameter.ts';
import type { Memory } from '../src/tensor/index.ts';
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
export class Lion extends Optimizer<LionOptions, 'm', Memory> {
  protected override readonly takes = 'memory';

  constructor(params: ParametersOrGroups<LionOptions>, options: LionOptions = {}) {
    super(params, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter) };
  }

  protected override update(
    w: Memory,
    g: Memory,
    { m }: Record<'m', Memory>,
    { lr, betas: [beta1, beta2], weightDecay }: Group<LionOptions>,
  ): void {
    kernels.lion(w, m, g, { lr, beta1, beta2, weightDecay });
  }
}
