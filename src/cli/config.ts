import type { GPTOptions } from '../../models/gpt.ts';
import { checkOneOf } from '../nn/checks.ts';
import type { ActivationName, NormName } from '../nn/index.ts';
import { checkWhole, withDefaults } from '../tensor/index.ts';
import { type OptimizerName, optimizerNames } from './optimizer.ts';

/** The options of the run's GPT, as plain data; the text gives the size of the vocabulary. */
export type ModelConfig = Omit<GPTOptions, 'vocabSize' | 'activation'> & {
  readonly activation: ActivationName;
};

/** Everything that decides how a run goes: the flags of `train`, and what a checkpoint remembers of them. */
export interface RunConfig {
  /** `stories`, the built-in corpus, or the path of a UTF-8 text file. */
  readonly data: string;
  readonly seed: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Batches in a step: on any number of ranks they give the same. */
  readonly accumulate: number;
  readonly optimizer: OptimizerName;
  /** Peak learning rate; it falls along a cosine to a fiftieth. */
  readonly lr: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Steps from one evaluation, sample and checkpoint to the next. */
  readonly evalEvery: number;
  readonly model: ModelConfig;
}

/** The story GPT: about a minute on two cores. Small steps, many of them, teach a small model the most. */
export const defaults: RunConfig = {
  data: 'stories',
  seed: 1337,
  steps: 8500,
  batchSize: 4,
  accumulate: 1,
  optimizer: 'adamw',
  lr: 4e-3,
  warmup: 500,
  weightDecay: 0.1,
  clip: 1,
  evalEvery: 1000,
  model: {
    context: 128,
    layers: 4,
    heads: 4,
    width: 48,
    activation: 'gelu',
    dropout: 0,
    initStd: 0.12,
    positionInit: 'sinusoidal',
  },
};

/** The settings of a run in one list, as flags are: those of the model stand among the others. */
export type Settings = Partial<Omit<RunConfig, 'model'> & ModelConfig>;

/** The defaults, with what is given on top. What the model or the optimizer takes is checked there. */
export function runConfig(given: Settings & { readonly model?: ModelConfig }): RunConfig {
  const isOfRun = ([name]: [string, unknown]) => name in defaults;
  const ofRun = Object.entries(given).filter(isOfRun);
  const ofModel = Object.entries(given).filter((entry) => !isOfRun(entry));
  const config: RunConfig = withDefaults('train', Object.fromEntries(ofRun), defaults);
  const { steps, batchSize, accumulate, evalEvery, warmup } = config;
  checkWhole('train', { steps, batchSize, accumulate, evalEvery }, 1);
  checkOneOf('train', 'optimizer', config.optimizer, optimizerNames);
  return {
    ...config,
    warmup: Math.min(warmup, Math.floor(steps / 10)),
    model: { ...defaults.model, ...config.model, ...Object.fromEntries(ofModel) },
  };
}

/** The settings in a checkpoint; its number of steps may be another from now on. */
export function savedConfig(saved: RunConfig | EarlierSettings, steps = saved.steps): RunConfig {
  return runConfig({ ...('model' in saved ? saved : renamed(saved)), steps });
}

/** Settings as saved before they were sorted: `norm` was the place of the norms, `normLayer` their kind. */
type EarlierSettings = Omit<Settings, 'norm' | 'normPosition' | 'keyValueHeads'> & {
  readonly steps: number;
  readonly norm: 'pre' | 'post';
  readonly normLayer: NormName;
  readonly keyValueHeads: number | null;
};

function renamed({ norm, normLayer, keyValueHeads, ...others }: EarlierSettings): Settings {
  return { ...others, normPosition: norm, norm: normLayer, keyValueHeads: keyValueHeads ?? undefined };
}
