import { check, withDefaults } from '../tensor/index.ts';

/** Everything that decides how a run goes: the flags of `train`, and what a checkpoint remembers of them. */
export interface RunConfig {
  /** `stories`, the built-in corpus, or the path of a UTF-8 text file. */
  readonly data: string;
  readonly seed: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly context: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly activation: string;
  readonly norm: 'pre' | 'post';
  readonly normLayer: 'layerNorm' | 'rmsNorm';
  readonly positions: 'learned' | 'sinusoidal' | 'rotary' | 'alibi';
  /** null: as many as heads. */
  readonly keyValueHeads: number | null;
  readonly qkNorm: boolean;
  readonly bias: boolean;
  readonly dropout: number;
  readonly initStd: number;
  /** Peak learning rate; it falls along a cosine to a fiftieth. */
  readonly lr: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Steps from one evaluation, sample and checkpoint to the next. */
  readonly evalEvery: number;
}

/** The story GPT: about a minute on two cores. Small steps, many of them, teach a small model the most. */
export const defaults: RunConfig = {
  data: 'stories',
  seed: 1337,
  steps: 8500,
  batchSize: 4,
  context: 128,
  layers: 4,
  heads: 4,
  width: 48,
  activation: 'gelu',
  norm: 'pre',
  normLayer: 'layerNorm',
  positions: 'learned',
  keyValueHeads: null,
  qkNorm: false,
  bias: false,
  dropout: 0,
  initStd: 0.12,
  lr: 4e-3,
  warmup: 500,
  weightDecay: 0.1,
  clip: 1,
  evalEvery: 1000,
};

/** The defaults, with what is given on top. What the model or the optimizer takes is checked there. */
export function runConfig(given: Partial<RunConfig>): RunConfig {
  const config = withDefaults('train', given, defaults);
  for (const name of ['steps', 'batchSize', 'context', 'evalEvery'] as const) {
    const value = config[name];
    check(Number.isInteger(value) && value >= 1, 'train', `${name} is a whole number ≥ 1`, () => `${value}`);
  }
  return { ...config, warmup: Math.min(config.warmup, Math.floor(config.steps / 10)) };
}
