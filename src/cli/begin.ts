import { check, manualSeed } from '../tensor/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { build, type Run, rebuild } from './build.ts';
import { runConfig, type Settings } from './config.ts';
import { readConfig } from './configFile.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { describeRecipe, recipe } from './depth.ts';
import { readStart, type Start, startFrom } from './initFrom.ts';
import { isPrepared } from './tokenCorpus.ts';
import { makeTokenizer, unitOf } from './tokenizer.ts';
import { isModule } from './tokenizerProgram.ts';

/** A run and what it learns. */
export interface Begun {
  readonly run: Run;
  readonly corpus: Corpus;
}

/** The flags that begin a run: its settings, and where others come from. */
export type BeginFlags = Settings & {
  /** A JSON file with settings. */
  readonly config?: string;
  /** The dial of `recipe`. */
  readonly depth?: number;
};

/** A new run: flags win over the recipe of a depth, that over a config file, that over the run it starts from. */
export async function started({ config: file, depth, ...flags }: BeginFlags): Promise<Begun> {
  const ofFile = file === undefined ? {} : await readConfig(file);
  const ofDepth = depth === undefined ? {} : recipe(depth, flags);
  if (depth !== undefined) console.log(describeRecipe(depth, ofDepth));
  const given = { ...ofFile, ...ofDepth, ...flags };
  const start =
    given.initFrom === undefined ? undefined : await readStart(given.initFrom, ifProgram(given.tokenizer));
  const config = runConfig({ ...start?.model, ...withTokenizer(given, start) });
  const corpus = await loadCorpus(config.data, (texts) => start?.tokenizer ?? makeTokenizer(config, texts));
  manualSeed(config.seed);
  const run = build(config, corpus.tokenizer.vocabSize);
  if (start) startFrom(start, run);
  return { run, corpus };
}

/** The path of a tokenizer, if that is a program. */
const ifProgram = (path?: string) => (path !== undefined && isModule(path) ? path : undefined);

/** The settings with where the tokenizer comes from: prepared tokens and other runs bring theirs along. */
function withTokenizer(given: Settings, start: Start | undefined): Settings {
  const { data = '', tokenizer } = given;
  const owner = isPrepared(data) ? 'prepared tokens bring' : start?.tokenizer ? 'the other run brings' : null;
  check(
    owner === null || [undefined, data, start?.tokenizerPath].includes(tokenizer) || isModule(tokenizer!),
    '--tokenizer',
    `${owner} theirs along`,
    () => `${tokenizer}`,
    () => 'leave it out',
  );
  const path = isPrepared(data) ? data : (start?.tokenizerPath ?? tokenizer);
  return tokenizer === undefined && path !== undefined ? { ...given, tokenizer: path } : given;
}

/** The run that a checkpoint continues: it keeps its settings, but for its length and what it keeps. */
export async function resumed(checkpoint: Checkpoint, flags: BeginFlags): Promise<Begun> {
  const { steps, keep, earlyStop, tokenizer: path, ...others } = flags;
  check(
    Object.keys(others).length === 0,
    'train --resume',
    'a resumed run keeps its settings; only --steps, --keep and --early-stop may change',
    () => Object.keys(others).join(', '),
    () => 'leave them out, or start a new run in another --out',
  );
  check(
    checkpoint.info.finetune === undefined,
    'train --resume',
    'the folder is that of a training',
    () => 'a fine-tuned model',
    () => 'finetune --resume goes on with it',
  );
  const changes = Object.entries({ steps, keep, earlyStop }).filter(([, value]) => value !== undefined);
  const { run, tokenizer } = await rebuild(checkpoint, { ...Object.fromEntries(changes), tokenizer: path });
  check(
    !run.track.isOver(run.config.earlyStop),
    'train --resume',
    `the loss became better in one of the last evaluations (--early-stop ${run.config.earlyStop})`,
    () => `none in ${run.track.state.worse}`,
    () => 'give a larger --early-stop, or 0, to train on',
  );
  check(
    checkpoint.step < run.config.steps,
    'train --resume',
    `the run has steps left of its ${run.config.steps}`,
    () => `a checkpoint of step ${checkpoint.step}`,
    () => 'give a larger --steps to train on',
  );
  sayNewRate(run, checkpoint.step);
  const corpus = await loadCorpus(run.config.data, ([text]) =>
    tokenizer instanceof CharTokenizer && text !== undefined ? CharTokenizer.from(text) : tokenizer,
  );
  const unit = unitOf(tokenizer);
  check(
    JSON.stringify(corpus.tokenizer) === JSON.stringify(tokenizer),
    'train --resume',
    `the text ${run.config.data} has the ${unit}s that it had`,
    () =>
      `${corpus.tokenizer.vocabSize} ${unitOf(corpus.tokenizer)}s, ${tokenizer.vocabSize} ${unit}s before`,
  );
  return { run, corpus };
}

/**
 * Says how far the rate jumps, because with another number of steps the schedule has another shape: mostly
 * up, from its floor.
 */
function sayNewRate({ schedule, optimizer, config }: Run, step: number): void {
  const [before, after] = [optimizer.lr, schedule(step)];
  const ratio = after / before;
  if (ratio > 0.8 && ratio < 1.25) return;
  console.log(
    `the learning rate goes from ${before.toExponential(1)} to ${after.toExponential(1)} (${ratio.toFixed(1)} times), ` +
      `because it now falls until step ${config.steps.toLocaleString('en-US')}`,
  );
}
