import type { GPT } from 'scratchformer/models';
import { Adam, AdamW, decayGroups, Lion, SGD } from 'scratchformer/optimizers';

interface Settings {
  readonly lr: number;
  readonly weightDecay: number;
}

/** The optimizers to choose among; weights and embeddings decay, biases and gains do not. */
const optimizers = {
  adamW: (model: GPT, { lr, weightDecay }: Settings) =>
    new AdamW(decayGroups(model, { weightDecay }), { lr, betas: [0.9, 0.99] }),
  adam: (model: GPT, { lr, weightDecay }: Settings) =>
    new Adam(decayGroups(model, { weightDecay }), { lr, betas: [0.9, 0.99] }),
  lion: (model: GPT, { lr, weightDecay }: Settings) => new Lion(decayGroups(model, { weightDecay }), { lr }),
  sgd: (model: GPT, { lr, weightDecay }: Settings) =>
    new SGD(decayGroups(model, { weightDecay }), { lr, momentum: 0.9 }),
};

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

export function makeOptimizer(model: GPT, name: OptimizerName, settings: Settings) {
  return optimizers[name](model, settings);
}
