import type { GPT } from '../../models/gpt.ts';
import {
  AdamW,
  type Combinable,
  combine,
  decayGroups,
  Lion,
  Muon,
  splitMatrices,
} from '../../optimizers/index.ts';
import { checkOneOf } from '../nn/checks.ts';

/** What an optimizer is told of the run. */
interface Settings {
  readonly lr: number;
  readonly weightDecay: number;
}

/** The optimizers that `--optimizer` chooses among; of their groups, weights and embeddings decay. */
const optimizers = {
  adamw: (model: Pick<GPT, 'namedParameters'>, { lr, weightDecay }: Settings) =>
    new AdamW(decayGroups(model, { weightDecay }), { lr, betas: [0.9, 0.99] }),
  lion: (model: GPT, { lr, weightDecay }: Settings) => new Lion(decayGroups(model, { weightDecay }), { lr }),
  /** Muon for the matrices inside, with steps as long as AdamW's, so that one rate fits both; AdamW for the rest. */
  muon(model: GPT, { lr, weightDecay }: Settings) {
    const { matrices, rest } = splitMatrices(model);
    const params = [{ params: matrices.parameters(), name: 'matrices' }];
    const muon = new Muon(params, { lr, weightDecay, adjustLrFn: 'matchRmsAdamW' });
    if (rest.parameters().length === 0) return muon; // of adapters, all are matrices
    return combine(muon, optimizers.adamw(rest, { lr, weightDecay }));
  },
};

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

export function makeOptimizer(name: OptimizerName, model: GPT, settings: Settings): Combinable {
  checkOneOf('optimizer', 'name', name, optimizerNames); // a file may say anything
  return optimizers[name](model, settings);
}
