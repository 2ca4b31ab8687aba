import type { GPTOptions } from '../../models/gpt.ts';
import { checkOneOf } from '../nn/checks.ts';
import type { ActivationName, NormName } from '../nn/index.ts';
import { check, checkWhole, display, withDefaults } from '../tensor/index.ts';
import { type OptimizerName, optimizerNames } from './optimizer.ts';
import { type ScheduleName, scheduleNames } from './schedule.ts';

/** The options of the run's GPT, as plain data; the text gives the size of the vocabulary. */
export type ModelConfig = Omit<GPTOptions, 'vocabSize' | 'activation'> & {
  readonly activation: ActivationName;
};

const orders = ['random', 'shuffled'] as const;
const alignments = ['none', 'documents'] as const;

/** Everything that decides how a run goes: the flags of `train`, and what a checkpoint remembers of them. */
export interface RunConfig {
  /** `stories`, the built-in corpus, or the path of a UTF-8 text file or of a folder of prepared tokens. */
  readonly data: string;
  /** `char`, `bytes`, `bpe`, `word`, or the path of a tokenizer. */
  readonly tokenizer: string;
  /** The most tokens of a `bpe`, 512 by default; of other tokenizers the text or the file decides. */
  readonly vocabSize?: number | undefined;
  /** `random` windows, or all windows of an epoch once, `shuffled`. */
  readonly order: (typeof orders)[number];
  /** Where windows start: anywhere, or with `documents`. */
  readonly align: (typeof alignments)[number];
  readonly seed: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Batches whose gradients are averaged for one step: on any number of ranks they give the same. */
  readonly accumulate: number;
  readonly optimizer: OptimizerName;
  readonly schedule: ScheduleName;
  /** Peak learning rate; it falls to a fiftieth. */
  readonly lr: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Decay of the averages of the weights, which are then what is evaluated; 0: there are none. */
  readonly ema: number;
  /** The most steps in a row that are skipped because they are not finite. */
  readonly maxSkipped: number;
  /** Steps from one evaluation, sample and checkpoint to the next. */
  readonly evalEvery: number;
  /** Evaluations without a better loss after which training ends; 0: it goes on. */
  readonly earlyStop: number;
  /** What is kept beside the last checkpoint: the best, nothing ('last'), or the best and the N newest. */
  readonly keep: 'best' | 'last' | number;
  /** The run, or the file, whose weights were those of the start. */
  readonly initFrom?: string | undefined;
  readonly model: ModelConfig;
}

/** The story GPT: about a minute on two cores. Small steps, many of them, teach a small model the most. */
export const defaults: RunConfig = {
  data: 'stories',
  tokenizer: 'bpe',
  vocabSize: undefined,
  order: 'random',
  align: 'none',
  seed: 1337,
  steps: 2500,
  batchSize: 8,
  accumulate: 1,
  optimizer: 'adamw',
  schedule: 'cosine',
  lr: 4e-3,
  warmup: 200,
  weightDecay: 0.1,
  clip: 1,
  ema: 0,
  maxSkipped: 10,
  evalEvery: 500,
  earlyStop: 0,
  keep: 'best',
  initFrom: undefined,
  model: {
    context: 64,
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
  const { steps, batchSize, accumulate, evalEvery, warmup, maxSkipped, earlyStop } = config;
  checkWhole('train', { steps, batchSize, accumulate, evalEvery }, 1);
  checkWhole('train', { maxSkipped, earlyStop });
  checkOneOf('train', 'optimizer', config.optimizer, optimizerNames);
  checkOneOf('train', 'schedule', config.schedule, scheduleNames);
  checkOneOf('train', 'order', config.order, orders);
  checkOneOf('train', 'align', config.align, alignments);
  checkWords(config);
  return {
    ...config,
    warmup: Math.min(warmup, Math.floor(steps / 10)),
    model: { ...defaults.model, ...config.model, ...Object.fromEntries(ofModel) },
  };
}

function checkWords({ data, keep, ema, initFrom }: RunConfig): void {
  check(typeof data === 'string', 'train', 'data is a path, or "stories"', () => display(data));
  const isPath = initFrom === undefined || typeof initFrom === 'string';
  check(isPath, 'train', 'initFrom is a path', () => display(initFrom));
  const isCount = typeof keep === 'number' && Number.isInteger(keep) && keep >= 1;
  const isKept = isCount || keep === 'best' || keep === 'last';
  check(isKept, 'train', 'keep is best, last or a whole number ≥ 1', () => display(keep));
  check(ema >= 0 && ema < 1, 'train', 'ema lies in [0, 1)', () => `${ema}`);
}

/** The settings that a resumed run may change: they change no number of the steps that it shares. */
export const free = ['steps', 'keep', 'earlyStop'] as const;

/** The settings that one may change besides that leaves its course on purpose, by --from. */
export const freeFrom = ['lr', 'schedule', 'warmup', 'weightDecay', 'clip', 'maxSkipped'] as const;

/** Settings that are others from now on. */
export type Changes = Partial<Pick<RunConfig, 'data' | (typeof free | typeof freeFrom)[number]>>;

/** The settings in a checkpoint, some of them perhaps others from now on. */
export function savedConfig(saved: RunConfig | EarlierSettings, changes: Changes = {}): RunConfig {
  check(typeof saved === 'object' && saved !== null, 'checkpoint', 'it has the settings of a run', () =>
    display(saved),
  );
  const before = { tokenizer: 'char' }; // as long as there was no other
  return runConfig({ ...before, ...('model' in saved ? saved : renamed(saved)), ...changes });
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
