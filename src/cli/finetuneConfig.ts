import { checkOneOf } from '../nn/checks.ts';
import { check, checkWhole, display, withDefaults } from '../tensor/index.ts';
import { type OptimizerName, optimizerNames } from './optimizer.ts';

/** Everything that decides how a fine-tuning goes: the flags of `finetune`, which its checkpoint remembers. */
export interface FinetuneConfig {
  /** The path of a file of prompts and answers, JSON lines. */
  readonly data: string;
  readonly seed: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  /** Peak learning rate; it falls along a cosine to a fiftieth. */
  readonly lr: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clip: number;
  /** Steps from one evaluation, sample and checkpoint to the next. */
  readonly evalEvery: number;
  /** Rank of the adapters that alone are trained; 0: all weights are trained. */
  readonly lora: number;
  /** What adapters give is multiplied by alpha over rank. */
  readonly alpha: number;
  /** Names of the linear layers that get an adapter. */
  readonly targets: readonly string[];
  /** Text of the token that ends an answer. Default: see `stopToken`. */
  readonly stop: string | undefined;
}

/** The defaults but for the data; adapters, which start from nothing, take larger steps than weights. */
export function finetuneDefaults(lora = 0): Omit<FinetuneConfig, 'data'> {
  return {
    seed: 1337,
    steps: 300,
    batchSize: 8,
    optimizer: 'adamw',
    lr: lora > 0 ? 3e-3 : 5e-4,
    warmup: 20,
    weightDecay: 0,
    clip: 1,
    evalEvery: 100,
    lora,
    alpha: 2 * lora,
    targets: ['query', 'value'],
    stop: undefined,
  };
}

/** The defaults, with what is given on top. What adapters and optimizer take is checked there. */
export function finetuneConfig(given: Partial<FinetuneConfig>): FinetuneConfig {
  const { data, lora = 0, alpha, targets, ...rest } = given;
  const where = 'finetune';
  check(typeof data === 'string', where, '--data is the file of prompts and answers', () => display(data));
  checkWhole(where, { lora });
  const ofAdapters = { ...(alpha !== undefined && { alpha }), ...(targets !== undefined && { targets }) };
  const stray = lora === 0 ? Object.keys(ofAdapters) : [];
  check(stray.length === 0, where, '--alpha and --targets go with adapters', () => stray.join(', '), () => 'give their rank by --lora'); // biome-ignore format: one line
  const defaults = finetuneDefaults(lora);
  const config = withDefaults<typeof defaults>(where, { lora, ...ofAdapters, ...rest }, defaults);
  const { steps, batchSize, evalEvery, warmup } = config;
  checkWhole(where, { steps, batchSize, evalEvery }, 1);
  checkOneOf(where, 'optimizer', config.optimizer, optimizerNames);
  return { ...config, data, warmup: Math.min(warmup, Math.floor(steps / 10)) };
}
