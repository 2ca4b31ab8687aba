import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { GPT } from '../../models/gpt.ts';
import { encodeSafetensors } from '../io/index.ts';
import { loadLora, lora, mergeLora } from '../nn/index.ts';
import { check } from '../tensor/index.ts';
import { type Checkpoint, loadCheckpoint } from '../train/index.ts';
import { rebuildForUse } from './build.ts';
import type { FinetuneConfig } from './finetuneConfig.ts';
import { finetuneInfo } from './finetuneInfo.ts';
import { checkpointFile } from './folder.ts';
import { loadWhole } from './loadWhole.ts';

/**
 * Loads a checkpoint, or of a run's folder the best, or with `last` the last; of one that has adapters only,
 * that of the model that they were trained on, with the adapters in its weights.
 *
 * @param above the files whose adapters wait for this model: it is none of them
 */
export async function loadRun(path: string, last = false, above: string[] = []): Promise<Checkpoint> {
  const file = checkpointFile(path, { last });
  const checkpoint = await (file === path ? loadCheckpoint(file) : loadWhole(file));
  if (!hasAdapters(checkpoint)) return checkpoint;
  const real = realpathSync(file);
  check(
    !above.includes(real),
    `adapters in ${file}`,
    'the models they were trained on lead to one with all its weights',
    () => `a circle of ${above.length}`,
    () => 'copy the run again: its base is not what it was',
  );
  return mergedRun(checkpoint, resolve(dirname(file), finetuneInfo(checkpoint)!.base), [...above, real]);
}

/** Whether a checkpoint has the adapters of a fine-tuned model and no other weights. */
export function hasAdapters(checkpoint: Checkpoint): boolean {
  const tuned = finetuneInfo(checkpoint);
  return tuned !== undefined && tuned.config.lora > 0 && !checkpoint.info.merged;
}

/** The checkpoint of the model in the folder `base`, with the adapters of another checkpoint in its weights. */
export async function mergedRun(adapters: Checkpoint, base: string, above: string[] = []) {
  const { config, baseHash } = finetuneInfo(adapters)!;
  const { checkpoint, model } = await loadBase(base, above);
  checkBase(base, model, baseHash);
  loadLora(addAdapters(model, config), adapters.model);
  const info = { ...checkpoint.info, finetune: adapters.info.finetune, merged: true };
  const { ema: _, ...others } = checkpoint; // averages of weights that are others now
  return { ...others, model: mergeLora(model).stateDict(), info };
}

/** The model in a folder, with its checkpoint and its tokenizer. */
export async function loadBase(folder: string, above: string[] = []) {
  const checkpoint = await loadRun(folder, false, above);
  const { run, tokenizer } = await rebuildForUse(checkpoint);
  return { checkpoint, model: run.model, tokenizer };
}

/** Gives a model fresh adapters. */
export function addAdapters(model: GPT, { lora: rank, alpha, targets }: FinetuneConfig): GPT {
  return lora(model, { rank, alpha, targets });
}

/** Checks that a model is the one that adapters were trained on. */
export function checkBase(folder: string, model: GPT, expected: string): void {
  const hash = hashOf(model);
  check(
    hash === expected,
    `adapters for ${folder}`,
    'its weights are those that the adapters were trained on',
    () => `weights ${hash.slice(0, 12)}, trained on ${expected.slice(0, 12)}`,
    () => 'take the run that was fine-tuned, as it was then',
  );
}

/** SHA-256 of the names, shapes and bits of all weights. */
export function hashOf(model: GPT): string {
  return createHash('sha256').update(encodeSafetensors(model.stateDict())).digest('hex');
}
