// Lesson 10: the training loop. Fill in the blank.

import type { Module, Tensor } from 'scratchformer';
import { clipGradNorm, type TrainingOptimizer } from 'scratchformer/train';
import { blank } from '../support/blank.ts';

export interface Training {
  readonly model: Module & { loss(inputs: Tensor, targets: Tensor): Tensor };
  readonly optimizer: TrainingOptimizer;
  readonly nextBatch: () => { readonly inputs: Tensor; readonly targets: Tensor };
  /** The learning rate of a step, from 0. */
  readonly schedule: (step: number) => number;
  /** Largest norm of all gradients together. */
  readonly clip: number;
  readonly steps: number;
}

/** Trains, and returns the loss of every step, before its update. */
export function train({ model, optimizer, nextBatch, schedule, clip, steps }: Training): number[] {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    // Useful: optimizer.lr = …, optimizer.zeroGrad(), loss.backward(), loss.item(), optimizer.step()
    blank('one step, in the right order', model, optimizer, nextBatch, schedule, clipGradNorm, clip, losses);
  }
  return losses;
}
