import type { GPT } from 'scratchformer/models';
import { Adam, AdamW, decayGroups, Lion, Muon, SGD, splitMatrices } from 'scratchformer/optimizers';

interface Settings {
  readonly lr: number;
  readonly weightDecay: number;
}

/** One optimizer, or several that share the parameters, by name. */
export type Optimizers = Readonly<Record<string, Adam | AdamW | Lion | Muon | SGD>>;

/** The optimizers to choose among; weights and embeddings decay, biases and gains do not. */
const optimizers = {
  adamW: (model, { lr, weightDecay }) => ({
    adamW: new AdamW(decayGroups(model, { weightDecay }), { lr, betas: [0.9, 0.99] }),
  }),
  adam: (model, { lr, weightDecay }) => ({
    adam: new Adam(decayGroups(model, { weightDecay }), { lr, betas: [0.9, 0.99] }),
  }),
  lion: (model, { lr, weightDecay }) => ({ lion: new Lion(decayGroups(model, { weightDecay }), { lr }) }),
  sgd: (model, { lr, weightDecay }) => ({
    sgd: new SGD(decayGroups(model, { weightDecay }), { lr, momentum: 0.9 }),
  }),
  muon(model, { lr, weightDecay }) {
    const { matrices, rest } = splitMatrices(model);
    return {
      muon: new Muon(matrices.parameters(), { lr, weightDecay, adjustLrFn: 'matchRmsAdamW' }),
      adamW: new AdamW(decayGroups(rest, { weightDecay }), { lr, betas: [0.9, 0.99] }),
    };
  },
} satisfies Record<string, (model: GPT, settings: Settings) => Optimizers>;

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

export function makeOptimizers(model: GPT, name: OptimizerName, settings: Settings): Optimizers {
  return optimizers[name](model, settings);
}
