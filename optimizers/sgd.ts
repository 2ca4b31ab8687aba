import type { Parameter } from '../src/nn/parameter.ts';
import { check, type FloatArray } from '../src/tensor/index.ts';
import type { Group, ParametersOrGroups } from './groups.ts';
import { Optimizer } from './optimizer.ts';
import { zerosLike } from './state.ts';

/** The options of `SGD`, for all parameters or for one group. */
export interface SGDOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Momentum μ. Default 0. */
  readonly momentum?: number;
  /** Dampening τ of the momentum. Default 0. */
  readonly dampening?: number;
  /**
   * Whether steps go along g + μb, where the next gradient is about to be. Needs momentum, and no dampening.
   * Default false.
   */
  readonly nesterov?: boolean;
  /** Decay λ of the weights. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum.
 *
 *   g ← g + λw                     the gradient of L + ½λ‖w‖²; without momentum this is weight decay by lr·λ
 *   b ← μb + (1 − τ)g              b ← g in the first step
 *   w ← w − lr·b                   w ← w − lr·(g + μb) with Nesterov's momentum
 *                                  w ← w − lr·g without momentum
 *
 * As torch.optim.SGD. Sutskever et al., "On the importance of initialization and momentum in deep learning",
 * 2013
 */
export class SGD extends Optimizer<SGDOptions, 'momentum'> {
  constructor(params: ParametersOrGroups<SGDOptions>, options: SGDOptions = {}) {
    super(params, options, { lr: 1e-3, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 });
    for (const { nesterov, momentum, dampening, name } of this.groups) {
      check(
        !nesterov || (momentum > 0 && dampening === 0),
        `SGD, ${name}`,
        'nesterov goes with momentum > 0 and dampening 0',
        () => `momentum ${momentum} and dampening ${dampening}`,
      );
    }
  }

  protected override initialState(parameter: Parameter) {
    return { momentum: zerosLike(parameter) };
  }

  protected override update(
    w: FloatArray,
    gradient: FloatArray,
    { momentum: b }: Record<'momentum', FloatArray>,
    { lr, momentum, dampening, nesterov, weightDecay }: Group<SGDOptions>,
    step: number,
  ): void {
    const fresh = step === 1 ? 1 : 1 - dampening;
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]! + weightDecay * w[i]!;
      if (momentum > 0) b[i] = momentum * b[i]! + fresh * g;
      const direction = momentum === 0 ? g : nesterov ? g + momentum * b[i]! : b[i]!;
      w[i]! -= lr * direction;
    }
  }
}
