import { join } from 'node:path';
import { textFile } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { manualSeed } from '../tensor/index.ts';
import { evaluateLoss, loadCheckpoint } from '../train/index.ts';
import { rebuild } from './build.ts';
import { encodeText, loadCorpus, usualPrompt } from './corpus.ts';
import { files } from './folder.ts';
import { writeSample } from './samples.ts';

/** The flags of `sample`. */
export interface SampleFlags {
  readonly checkpoint: string;
  readonly prompt?: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
}

/** Runs `scratchformer sample`. */
export async function sample({ checkpoint, prompt, seed, ...options }: SampleFlags): Promise<void> {
  const { run, tokenizer } = rebuild(await load(checkpoint));
  manualSeed(seed);
  writeSample(run.model, tokenizer, prompt ?? usualPrompt(tokenizer), options);
}

/** Runs `scratchformer eval`. */
export async function evaluate(flags: { checkpoint: string; data?: string; stride?: number }): Promise<void> {
  const { run, tokenizer } = rebuild(await load(flags.checkpoint));
  const data = flags.data ?? run.config.data;
  const part = flags.data === undefined || data === 'stories';
  const tokens = part
    ? (await loadCorpus(data, tokenizer)).validation
    : encodeText(tokenizer, await textFile(data));
  const context = Math.min(run.config.model.context, tokens.length - 1);
  const stride = flags.stride ?? Math.max(1, Math.floor(context / 4));
  const loss = evaluateLoss(run.model, tokens, { context, stride, batchSize: 16 });
  const bits = (loss / Math.LN2).toFixed(4);
  const count = tokens.length.toLocaleString('en-US');
  const extent = `all ${count} characters of ${data}${part ? ', validation part' : ''}`;
  console.log(`loss ${loss.toFixed(4)} nats per character (${bits} bits) on ${extent}`);
}

/** Runs `scratchformer info`. */
export async function info({ checkpoint }: { checkpoint?: string }): Promise<void> {
  if (checkpoint !== undefined) await describeRun(checkpoint);
  const { name, why, details } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
  for (const line of details?.() ?? []) console.log(line);
}

async function describeRun(checkpoint: string): Promise<void> {
  const loaded = await load(checkpoint);
  const { run, tokenizer } = rebuild(loaded);
  console.log(`step ${loaded.step} of ${run.config.steps}, ${tokenizer.vocabSize} characters\n`);
  const { model, ...settings } = run.config;
  for (const [name, value] of Object.entries({ ...settings, ...model }))
    console.log(`${name.padEnd(14)} ${value}`);
  console.log(`\n${run.model.summary()}\n\n${run.groups}\n`);
}

function load(folder: string) {
  return loadCheckpoint(join(folder, files.checkpoint));
}
