import { basename } from 'node:path';
import { check } from '../tensor/index.ts';
import { CharTokenizer, type Tokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import type { BeginFlags, Begun } from './begin.ts';
import { type Run, rebuild } from './build.ts';
import { checkUpdates } from './checkSizes.ts';
import { type Changes, free, freeFrom } from './config.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { isConcluded } from './folder.ts';
import { unitOf } from './tokenizer.ts';

const where = 'train --resume';

/**
 * The run that a checkpoint continues: it keeps its settings, but for its length and what it keeps, or with
 * `from`, the file to go on from, for how it learns. One whose last step was done may have to be concluded.
 */
export async function resumed(
  out: string,
  checkpoint: Checkpoint,
  flags: BeginFlags,
  from?: string,
): Promise<Begun> {
  const { tokenizer: path, data, ...others } = flags;
  const mayChange: readonly string[] = from === undefined ? free : [...free, ...freeFrom];
  const fixed = Object.keys(others).filter((name) => !mayChange.includes(name));
  check(
    fixed.length === 0,
    where,
    `a resumed run keeps its settings; only ${mayChange.map(flagOf).join(', ')} may change`,
    () => fixed.join(', '),
    () => hintFor(fixed),
  );
  check(
    checkpoint.info.finetune === undefined,
    where,
    'the folder is that of a training',
    () => 'a fine-tuned model',
    () => 'finetune --resume goes on with it',
  );
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  const changes: Changes = Object.fromEntries(given);
  const { run, tokenizer } = await rebuild(checkpoint, {
    ...changes,
    ...(data !== undefined && { data }),
    tokenizer: path,
  });
  checkUpdates(checkpoint, run.track.state.skipped);
  checkGoesOn(out, run, checkpoint.step);
  if (from !== undefined)
    run.track.restore({ changed: { step: checkpoint.step, from: basename(from), ...changes } });
  return { run, corpus: await sameCorpus(run, tokenizer, checkpoint.info, data) };
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function hintFor(names: readonly string[]): string {
  const others: readonly string[] = freeFrom;
  return names.every((name) => others.includes(name))
    ? 'to leave the course of the run, add --from last, or --from best'
    : 'leave them out, or start a new run in another --out';
}

/** Checks that something is left to do: steps, or the conclusion, in which a kill may have come. */
function checkGoesOn(out: string, { config, track }: Run, step: number): void {
  const last = config.data === 'stories' ? 'grammaticalShare' : 'finalValidationLoss';
  const ended = step >= config.steps || track.isOver(config.earlyStop);
  if (step <= config.steps && ended && !isConcluded(out, step, last)) return;
  check(
    !track.isOver(config.earlyStop),
    where,
    `the loss became better in one of the last evaluations (--early-stop ${config.earlyStop})`,
    () => `none in ${track.state.worse}`,
    () => 'give a larger --early-stop, or 0, to train on',
  );
  check(
    step < config.steps,
    where,
    `the run has steps left of its ${config.steps}`,
    () => `a checkpoint of step ${step}`,
    () => 'give a larger --steps to train on',
  );
}

/** The text of a run, which must be the one that it had, wherever it is now. */
async function sameCorpus(
  { config }: Run,
  tokenizer: Tokenizer,
  { dataHash }: Checkpoint['info'],
  moved: string | undefined,
): Promise<Corpus> {
  check(
    moved === undefined || dataHash !== undefined,
    where,
    'a text that has moved can be told by its SHA-256 in the checkpoint',
    () => `none, and --data ${moved}`,
    () => 'the run is from before there was one: put the text back',
  );
  const corpus = await loadCorpus(config.data, ([text]) =>
    tokenizer instanceof CharTokenizer && text !== undefined ? CharTokenizer.from(text) : tokenizer,
  );
  const unit = unitOf(tokenizer);
  check(
    JSON.stringify(corpus.tokenizer) === JSON.stringify(tokenizer),
    where,
    `the text ${config.data} has the ${unit}s that it had`,
    () =>
      `${corpus.tokenizer.vocabSize} ${unitOf(corpus.tokenizer)}s, ${tokenizer.vocabSize} ${unit}s before`,
  );
  check(
    dataHash === undefined || dataHash === corpus.hash,
    where,
    `the data ${config.data} is what it was, by its SHA-256`,
    () => `${corpus.hash?.slice(0, 12) ?? 'none'}, ${String(dataHash).slice(0, 12)} before`,
    () => 'take the text of the training (--data names it where it is now), or start a new run',
  );
  return corpus;
}

/**
 * Says how far the rate jumps, because with another number of steps the schedule has another shape: mostly
 * up, from its floor.
 */
export function sayNewRate({ schedule, optimizer, config }: Run, step: number): void {
  const [before, after] = [optimizer.lr, schedule(step)];
  const ratio = after / before;
  if (ratio > 0.8 && ratio < 1.25) return;
  console.log(
    `the learning rate goes from ${before.toExponential(1)} to ${after.toExponential(1)} (${ratio.toFixed(1)} times), ` +
      `because it now falls until step ${config.steps.toLocaleString('en-US')}`,
  );
}
