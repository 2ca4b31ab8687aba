import { decodeSafetensors } from '../io/index.ts';
import { platform } from '../platform/index.ts';
import { fail, sameShape, show, type Tensor } from '../tensor/index.ts';
import { type Rebuilt, type Run, rebuildForUse } from './build.ts';
import type { ModelConfig } from './config.ts';
import { checkpointFile } from './folder.ts';
import { loadRun } from './loadRun.ts';

/** What a run starts from: weights and, unless it is a plain file of weights, how they were made. */
export interface Start {
  readonly path: string;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly model?: ModelConfig;
  readonly tokenizer?: Rebuilt['tokenizer'];
  /** Kind or path of the tokenizer. */
  readonly tokenizerPath?: string;
}

/**
 * Reads the best weights of a run, those of a checkpoint, or a safetensors file with the names of ours.
 *
 * @param program the path of the tokenizer, if that is a program
 */
export async function readStart(path: string, program?: string): Promise<Start> {
  const file = checkpointFile(path);
  const where = `train --init-from ${file}`;
  const bytes = await platform
    .read(file)
    .catch((error: NodeJS.ErrnoException) =>
      fail(where, 'the file can be read', error.code ?? error.message),
    );
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  if (!metadata.get('format')?.startsWith('scratchformer checkpoint'))
    return { path: file, weights: tensors };
  const { run, tokenizer } = await rebuildForUse(await loadRun(file), program);
  const { model, tokenizer: tokenizerPath } = run.config;
  return { path: file, weights: run.model.stateDict(), model, tokenizer, tokenizerPath };
}

/** Gives a run the weights of its start, if they fit; prints in which settings its model is another. */
export function startFrom({ path, weights, model: before }: Start, { model, config }: Run): void {
  const differing = before ? changes(before, config.model) : [];
  const faults = misfits(model.stateDict(), weights);
  if (faults.length > 0) {
    const more = faults.length > 8 ? `; and ${faults.length - 8} more` : '';
    const changed = differing.length > 0 ? `; settings that differ: ${differing.join(', ')}` : '';
    fail(
      'train --init-from',
      `the weights of ${path} fit the model`,
      `${faults.slice(0, 8).join('; ')}${more}${changed}`,
      'leave settings that change shapes as they were, and take the tokenizer of the weights',
    );
  }
  model.loadStateDict(weights);
  console.log(`weights: ${path}${differing.length > 0 ? `; other settings: ${differing.join(', ')}` : ''}`);
}

/** The settings of the model that are not what they were, in words. */
function changes(before: ModelConfig, now: ModelConfig): string[] {
  const all = { ...before, ...now };
  return (Object.keys(all) as (keyof ModelConfig)[])
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name} ${before[name] ?? 'default'} → ${now[name] ?? 'default'}`);
}

/** What does not fit between the tensors of a model and those given, in words. */
function misfits(model: ReadonlyMap<string, Tensor>, given: ReadonlyMap<string, Tensor>): string[] {
  const lines = [...model].flatMap(([name, { shape }]) => {
    const value = given.get(name);
    if (value === undefined) return [`${name} ${show(shape)} is missing`];
    return sameShape(value.shape, shape) ? [] : [`${name} ${show(value.shape)} for ${show(shape)}`];
  });
  const unknown = [...given.keys()].filter((name) => !model.has(name));
  return [...lines, ...unknown.map((name) => `${name} is none of the model's`)];
}
