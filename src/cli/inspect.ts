import { readTokenHeader, textFile, verifyTokens } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { checkWhole, manualSeed } from '../tensor/index.ts';
import { bitsPerByte, evaluateLoss } from '../train/index.ts';
import { rebuild, rebuildForUse } from './build.ts';
import { encodeText, loadCorpus } from './corpus.ts';
import { finetuneInfo } from './finetuneInfo.ts';
import { sayBest } from './finish.ts';
import { loadRun } from './loadRun.ts';
import { writeSample } from './samples.ts';
import { isPrepared } from './tokenCorpus.ts';
import { unitOf } from './tokenizer.ts';
import { savedPrompt } from './usualPrompt.ts';
import { visible } from './visible.ts';

/** The flags of `sample`. */
export interface SampleFlags {
  readonly checkpoint: string;
  readonly tokenizer?: string;
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
  const { checkpoint, last, tokenizer: path, prompt, seed, count, ...options } = flags;
  checkWhole('sample', { count }, 1);
  const loaded = await loadRun(checkpoint, last);
  const { run, tokenizer } = await rebuildForUse(loaded, path);
  const start = prompt ?? savedPrompt(loaded, tokenizer);
  manualSeed(seed);
  for (let i = 0; i < count && !process.stdout.errored; i++) {
    if (i > 0) console.log('---');
    writeSample(run.model, tokenizer, start, options);
  }
}

/** The flags of `eval`. */
export interface EvaluateFlags {
  readonly checkpoint: string;
  readonly tokenizer?: string;
  readonly data?: string;
  readonly stride?: number;
  readonly last?: boolean;
}

/** Runs `scratchformer eval`. */
export async function evaluate(flags: EvaluateFlags): Promise<void> {
  const { run, tokenizer } = await rebuildForUse(
    await loadRun(flags.checkpoint, flags.last),
    flags.tokenizer,
  );
  const data = flags.data ?? run.config.data;
  const part = flags.data === undefined || data === 'stories' || isPrepared(data);
  const tokens = part
    ? (await loadCorpus(data, () => tokenizer)).validation
    : encodeText(tokenizer, await textFile(data));
  const context = Math.min(run.config.model.context, tokens.length - 1);
  const stride = flags.stride ?? Math.max(1, Math.floor(context / 4));
  const loss = evaluateLoss(run.model, tokens, { context, stride, batchSize: 16 });
  const bits = bitsPerByte(loss, tokens, tokenizer).toFixed(4);
  const count = tokens.length.toLocaleString('en-US');
  const unit = unitOf(tokenizer);
  const extent = `all ${count} ${unit}s of ${data}${part ? ', validation part' : ''}`;
  console.log(`loss ${loss.toFixed(4)} nats per ${unit}, ${bits} bits per byte, on ${extent}`);
}

/** The flags of `info`. */
export interface InfoFlags {
  readonly checkpoint?: string;
  readonly tokenizer?: string;
  readonly data?: string;
}

/** Runs `scratchformer info`. */
export async function info({ checkpoint, tokenizer, data }: InfoFlags): Promise<void> {
  if (data !== undefined) await describeTokens(data);
  if (checkpoint !== undefined) await describeRun(checkpoint, tokenizer);
  const { name, why, details } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
  for (const line of details?.() ?? []) console.log(line);
}

/** Says what prepared tokens are, once every file is as it was written. */
async function describeTokens(folder: string): Promise<void> {
  const { dtype, shards, documents, ...header } = await readTokenHeader(folder);
  await verifyTokens(folder);
  const { tokens, trainTokens, bytes, vocabSize } = header;
  const count = (value: number) => value.toLocaleString('en-US');
  console.log(
    `tokens      ${count(tokens)} of ${count(bytes)} bytes, ${(bytes / tokens).toFixed(2)} bytes each`,
  );
  console.log(`vocabulary  ${count(vocabSize)}, ${dtype}`);
  console.log(`documents   ${count(documents.count)}`);
  console.log(`parts       ${count(trainTokens)} to train on, ${count(tokens - trainTokens)} to validate`);
  console.log(`files       ${shards.length + 1}, as they were written (SHA-256)\n`);
}

async function describeRun(checkpoint: string, path?: string): Promise<void> {
  const loaded = await loadRun(checkpoint, true);
  const { run, tokenizer } = await rebuild(loaded, { tokenizer: path });
  console.log(`step ${loaded.step} of ${run.config.steps}, ${tokenizer.vocabSize} ${unitOf(tokenizer)}s\n`);
  const { model, ...settings } = run.config;
  for (const [name, value] of Object.entries({ ...settings, ...model }))
    if (value !== undefined) console.log(visible(`${name.padEnd(14)} ${value}`));
  sayBest(checkpoint, run, loaded.step);
  const tuned = finetuneInfo(loaded);
  if (tuned) console.log(visible(`\nfine-tuned from ${tuned.base}: ${JSON.stringify(tuned.config)}`));
  console.log(`\n${run.model.summary()}\n\n${run.groups}\n`);
}
