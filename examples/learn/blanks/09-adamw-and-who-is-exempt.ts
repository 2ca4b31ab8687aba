// Lesson 09: AdamW's update, and the parameters that do not decay. Fill in the two blanks.

import type { FloatArray, Parameter } from 'scratchformer';
import { type Group, Optimizer, type ParametersOrGroups, zerosLike } from 'scratchformer/optimizers';
import { blank } from '../support/blank.ts';

export interface Options {
  readonly lr?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
}

export class AdamW extends Optimizer<Options, 'm' | 'v'> {
  constructor(params: ParametersOrGroups<Options>, options: Options = {}) {
    super(params, options, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter), v: zerosLike(parameter) };
  }

  /** One step of one parameter: changes w, m and v in place. `step` counts from 1. */
  protected override update(
    w: FloatArray,
    g: FloatArray,
    { m, v }: Record<'m' | 'v', FloatArray>,
    { lr, betas: [beta1, beta2], eps, weightDecay }: Group<Options>,
    step: number,
  ): void {
    for (let i = 0; i < w.length; i++) {
      blank('the update of m[i], v[i] and w[i]', g, m, v, lr, beta1, beta2, eps, weightDecay, step);
    }
  }
}

/** Whether a parameter decays. Its `role` is 'weight', 'embedding', 'bias' or 'gain'. */
export function decays(parameter: Parameter): boolean {
  return blank('whether this parameter decays', parameter.role);
}
