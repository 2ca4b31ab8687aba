import { check, manualSeed } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { build, type Run, rebuild } from './build.ts';
import { runConfig, type Settings } from './config.ts';
import { type Corpus, loadCorpus } from './corpus.ts';

/** A run and what it learns. */
interface Begun {
  readonly run: Run;
  readonly corpus: Corpus;
}

/** A new run. */
export async function started(flags: Settings): Promise<Begun> {
  const config = runConfig(flags);
  const corpus = await loadCorpus(config.data);
  manualSeed(config.seed);
  return { run: build(config, corpus.tokenizer.vocabSize), corpus };
}

/** The run that a checkpoint continues: it keeps its settings, only its length may change. */
export async function resumed(checkpoint: Checkpoint, flags: Settings): Promise<Begun> {
  const { steps, ...others } = flags;
  check(
    Object.keys(others).length === 0,
    'train --resume',
    'a resumed run keeps its settings; only --steps may change',
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
  const { run, tokenizer } = rebuild(checkpoint, steps);
  check(
    checkpoint.step < run.config.steps,
    'train --resume',
    `the run has steps left of its ${run.config.steps}`,
    () => `a checkpoint of step ${checkpoint.step}`,
    () => 'give a larger --steps to train on',
  );
  sayNewRate(run, checkpoint.step);
  const corpus = await loadCorpus(run.config.data);
  check(
    JSON.stringify(corpus.tokenizer) === JSON.stringify(tokenizer),
    'train --resume',
    `the text ${run.config.data} has the characters that it had`,
    () => `${corpus.tokenizer.vocabSize} characters, ${tokenizer.vocabSize} before`,
  );
  return { run, corpus };
}

/**
 * Says how far the rate jumps, because with another number of steps the cosine has another shape: mostly up,
 * from its floor.
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
