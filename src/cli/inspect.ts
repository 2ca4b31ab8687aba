import { textFile } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { checkWhole, manualSeed } from '../tensor/index.ts';
import { evaluateLoss, loadCheckpoint } from '../train/index.ts';
import { rebuild, rebuildForUse } from './build.ts';
import { encodeText, loadCorpus, usualPrompt } from './corpus.ts';
import { sayBest } from './finish.ts';
import { checkpointFile } from './folder.ts';
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
  readonly stop?: string;
  readonly count: number;
  readonly last?: boolean;
}

/** Runs `scratchformer sample`. */
export async function sample(flags: SampleFlags): Promise<void> {
  const { checkpoint, last, prompt, seed, count, ...options } = flags;
  checkWhole('sample', { count }, 1);
  const { run, tokenizer } = await rebuildForUse(await load(checkpoint, last));
  manualSeed(seed);
  for (let i = 0; i < count && !process.stdout.errored; i++) {
    if (i > 0) console.log('---');
    writeSample(run.model, tokenizer, prompt ?? usualPrompt(tokenizer), options);
  }
}

/** The flags of `eval`. */
export interface EvaluateFlags {
  readonly checkpoint: string;
  readonly data?: string;
  readonly stride?: number;
  readonly last?: boolean;
}

/** Runs `scratchformer eval`. */
export async function evaluate(flags: EvaluateFlags): Promise<void> {
  const { run, tokenizer } = await rebuildForUse(await load(flags.checkpoint, flags.last));
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
  const { name, why } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
}

async function describeRun(checkpoint: string): Promise<void> {
  const loaded = await load(checkpoint, true);
  const { run, tokenizer } = await rebuild(loaded);
  console.log(`step ${loaded.step} of ${run.config.steps}, ${tokenizer.vocabSize} characters\n`);
  const { model, ...settings } = run.config;
  for (const [name, value] of Object.entries({ ...settings, ...model }))
    if (value !== undefined) console.log(`${name.padEnd(14)} ${value}`);
  sayBest(checkpoint, run, loaded.step);
  console.log(`\n${run.model.summary()}\n\n${run.groups}\n`);
}

function load(path: string, last = false) {
  return loadCheckpoint(checkpointFile(path, { last }));
}
