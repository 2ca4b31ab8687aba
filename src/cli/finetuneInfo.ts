import { check, checkWhole, display } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import type { FinetuneConfig } from './finetuneConfig.ts';

/** What the checkpoint of a fine-tuned model says about it. */
export interface FinetuneInfo {
  readonly config: FinetuneConfig;
  /** The folder of the model that it began from, seen from its own. */
  readonly base: string;
  /** The hash of that model's weights. */
  readonly baseHash: string;
  /** The hash of the prompts and answers; an older file has none. */
  readonly dataHash?: string;
  /** The loss of the answers held out before the first step. */
  readonly before: number;
}

/** What the checkpoint says about fine-tuning, checked; undefined if there was none. */
export function finetuneInfo({ info, model }: Checkpoint): FinetuneInfo | undefined {
  if (info.finetune === undefined) return undefined;
  const where = 'checkpoint';
  const { config, base, baseHash, dataHash = '', before } = (info.finetune ?? {}) as Partial<FinetuneInfo>;
  const areTexts = [base, baseHash, dataHash].every((text) => typeof text === 'string');
  const isWhole = areTexts && typeof before === 'number';
  check(
    isWhole && typeof config === 'object' && config !== null,
    where,
    'it says how a model was fine-tuned',
    () => display(info.finetune),
  );
  const { data, lora, alpha, targets, steps, batchSize, evalEvery, stop } = config;
  checkWhole(where, { lora });
  checkWhole(where, { steps, batchSize, evalEvery }, 1);
  const areTargets = Array.isArray(targets) && targets.every((target) => typeof target === 'string');
  check(
    typeof data === 'string' &&
      Number.isFinite(alpha) &&
      areTargets &&
      ['string', 'undefined'].includes(typeof stop),
    where,
    'fine-tuning has data, alpha, targets and perhaps a stop',
    () => display(config),
  );
  const numbers = [...model.values()].reduce((sum, { size }) => sum + size, 0);
  check(info.merged === true || lora <= numbers, where, 'the file has the adapters that it describes', () => `${numbers} numbers for a rank of ${lora}`); // biome-ignore format: one line
  return info.finetune as FinetuneInfo;
}
