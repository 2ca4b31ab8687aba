import { relative, resolve } from 'node:path';
import { type OptimizerState, warmupCosine } from '../../optimizers/index.ts';
import { loadLora } from '../nn/index.ts';
import { check, manualSeed, restoreRandomState } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { answerLoss, loadAnswers } from './answers.ts';
import { rebuildForUse } from './build.ts';
import { checkUpdates } from './checkSizes.ts';
import { type FinetuneConfig, finetuneConfig } from './finetuneConfig.ts';
import { type FinetuneInfo, finetuneInfo } from './finetuneInfo.ts';
import { isConcluded } from './folder.ts';
import { addAdapters, checkBase, hashOf, loadBase } from './loadRun.ts';
import { makeOptimizer } from './optimizer.ts';
import { stopToken } from './stopToken.ts';

/** A fine-tuning: what is trained, on what, and how. */
export type Tuning = Awaited<ReturnType<typeof tuningOf>>;

/** A new fine-tuning of the model in the folder `base`. */
export async function startedTuning(out: string, base: string, flags: Partial<FinetuneConfig>) {
  const config = finetuneConfig(flags);
  check(resolve(out) !== resolve(base), 'finetune', '--out is another folder than --checkpoint', () => out);
  const { checkpoint, model } = await loadBase(base);
  const about = { config, base: relative(out, base), baseHash: hashOf(model) };
  const tuning = await tuningOf(checkpoint, about);
  return { ...tuning, before: answerLoss(tuning.model, tuning.answers.heldOut) };
}

/** The fine-tuning that a checkpoint continues: it keeps its settings, only its length may change. */
export async function resumedTuning(out: string, saved: Checkpoint, flags: Partial<FinetuneConfig>) {
  const where = 'finetune --resume';
  const { steps, ...others } = flags;
  const info = finetuneInfo(saved);
  check(info !== undefined && !saved.info.merged, where, 'the folder is that of a fine-tuning', () => out);
  check(
    Object.keys(others).length === 0,
    where,
    'a resumed run keeps its settings; only --steps may change',
    () => Object.keys(others).join(', '),
  );
  const config = { ...info.config, steps: steps ?? info.config.steps };
  const toConclude = saved.step === config.steps && !isConcluded(out, saved.step, 'finalValidationLoss');
  check(toConclude || saved.step < config.steps, where, `the run has steps left of its ${config.steps}`, () => `a checkpoint of step ${saved.step}`, () => 'give a larger --steps to train on'); // biome-ignore format: one line
  checkUpdates(saved, 0);
  let origin = saved;
  if (config.lora > 0) {
    const base = await loadBase(resolve(out, info.base));
    checkBase(info.base, base.model, info.baseHash);
    origin = base.checkpoint;
  }
  const tuning = await tuningOf(origin, { ...info, config });
  const { hash } = tuning.answers;
  check(
    info.dataHash === undefined || info.dataHash === hash,
    where,
    `the answers in ${config.data} are what they were, by their SHA-256`,
    () => `${hash.slice(0, 12)}, ${info.dataHash!.slice(0, 12)} before`,
    () => 'put them back, or begin a new fine-tuning',
  );
  if (config.lora > 0) loadLora(tuning.model, saved.model);
  tuning.optimizer.loadStateDict(saved.optimizer as unknown as OptimizerState);
  restoreRandomState(saved.random);
  return { ...tuning, before: info.before };
}

/** @param origin the checkpoint of the weights that are there at first, without those of adapters */
async function tuningOf(origin: Checkpoint, about: Omit<FinetuneInfo, 'before' | 'dataHash'>) {
  const { config } = about;
  const { run, tokenizer } = await rebuildForUse(origin);
  manualSeed(config.seed);
  const { context } = run.config.model;
  const stop = stopToken(tokenizer, config.stop);
  const answers = await loadAnswers(config.data, tokenizer, { context, stop });
  const model = config.lora > 0 ? addAdapters(run.model, config) : run.model;
  const { lr, warmup, steps } = config;
  const optimizer = makeOptimizer(config.optimizer, model, config);
  const schedule = warmupCosine({ peak: lr, floor: lr / 50, warmup, steps });
  return { about, origin, run, config, model, tokenizer, stop, answers, optimizer, schedule };
}
