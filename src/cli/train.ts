import { join } from 'node:path';
import type { GPT } from '../../models/gpt.ts';
import { backward } from '../autograd/index.ts';
import { type Batch, randomBatch } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { check, manualSeed, restoreRandomState } from '../tensor/index.ts';
import { type Checkpoint, loadCheckpoint, Trainer } from '../train/index.ts';
import { build, type Run, rebuild } from './build.ts';
import { runConfig, type Settings } from './config.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { cutMetrics, files, makeFolder, setEarlierRunAside } from './folder.ts';
import { evaluation, logMetrics, metrics, saving, validate } from './hooks.ts';
import { onFirstInterrupt } from './interrupts.ts';
import { duration, type Progress, progress } from './progress.ts';
import { countGrammatical, indented, sampleText, TEMPERATURE } from './samples.ts';

/** The flags of `train`. */
export type TrainFlags = Settings & { readonly out: string; readonly resume?: boolean };

/** Runs `scratchformer train`. */
export async function train({ out, resume = false, ...flags }: TrainFlags): Promise<void> {
  const checkpoint = resume ? await loadCheckpoint(join(out, files.checkpoint)) : null;
  const { run, corpus } = checkpoint ? await resumed(checkpoint, flags) : await started(flags);
  await makeFolder(out);
  const { config } = run;
  const startStep = checkpoint?.step ?? 0;
  const nextBatch = () => {
    const context = Math.min(config.model.context, corpus.train.length - 1);
    return randomBatch(corpus.train, { batchSize: config.batchSize, context });
  };
  describe(run, corpus, config.steps - startStep, nextBatch);
  const shown = progress(startStep, config.steps);
  const trainer = new Trainer({
    model: run.model,
    optimizer: run.optimizer,
    schedule: run.schedule,
    nextBatch,
    steps: config.steps,
    clip: config.clip,
    startStep,
    hooks: [shown.hook, metrics(out), evaluation(out, run, corpus, shown), saving(out, run, corpus)],
  });
  // Nothing of an earlier run is touched before the settings of this one have been tried out.
  if (checkpoint) await cutMetrics(out, startStep);
  else await setAside(out);
  // The run's random numbers start here: what the estimate drew is forgotten.
  if (checkpoint) restoreRandomState(checkpoint.random);
  else manualSeed(config.seed);
  await runUntilInterrupted(trainer, shown);
  if (trainer.stopped)
    console.log(`stopped after step ${trainer.step}; go on with: scratchformer train --out ${out} --resume`);
  else conclude(out, run, corpus);
}

/** Trains to the last step, or to the end of the step in which somebody interrupts. */
async function runUntilInterrupted(trainer: Trainer, shown: Progress): Promise<void> {
  const forget = onFirstInterrupt(() => {
    shown.print('finishing this step and saving; once more to quit at once');
    trainer.stop();
  });
  try {
    await trainer.run();
  } finally {
    forget();
    shown.stop();
  }
}

async function started(flags: Settings): Promise<{ run: Run; corpus: Corpus }> {
  const config = runConfig(flags);
  const corpus = await loadCorpus(config.data);
  manualSeed(config.seed);
  return { run: build(config, corpus.tokenizer.vocabSize), corpus };
}

/** The run that a checkpoint continues: it keeps its settings, only its length may change. */
async function resumed(checkpoint: Checkpoint, flags: Settings): Promise<{ run: Run; corpus: Corpus }> {
  const { steps, ...others } = flags;
  check(
    Object.keys(others).length === 0,
    'train --resume',
    'a resumed run keeps its settings; only --steps may change',
    () => Object.keys(others).join(', '),
    () => 'leave them out, or start a new run in another --out',
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

async function setAside(out: string): Promise<void> {
  const earlier = await setEarlierRunAside(out);
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
}

/** Prints what will be trained, and how long it will take. */
function describe(
  { config, model, groups }: Run,
  corpus: Corpus,
  steps: number,
  nextBatch: () => Batch,
): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const { layers, heads, width, context, activation } = model.options;
  console.log(
    `data: ${corpus.name}, ${count(corpus.train.length)} characters, ${model.options.vocabSize} different ones`,
  );
  console.log(
    `model: GPT, ${layers} layers, ${heads} heads, width ${width}, context ${context}, ${activation}`,
  );
  console.log(groups);
  const { name, why } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
  const estimate = duration(1.1 * secondsPerStep(model, nextBatch) * steps);
  console.log(
    `training: ${count(steps)} steps of ${config.batchSize} × ${context} characters, about ${estimate} on this machine`,
  );
  console.log('Ctrl-C stops after the current step and saves\n');
}

/** Seconds of a step, of a few tried without the update: the first are slow, while the engine compiles. */
function secondsPerStep(model: GPT, nextBatch: () => Batch): number {
  const seconds: number[] = [];
  const began = performance.now();
  while (seconds.length < 5 || (seconds.length < 100 && performance.now() - began < 1500)) {
    const start = performance.now();
    const { inputs, targets } = nextBatch();
    backward(model.loss(inputs, targets));
    seconds.push((performance.now() - start) / 1000);
  }
  model.zeroGrad();
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 4)]!;
}

/**
 * Prints the loss beside the best possible one, the share of grammatical stories, samples, and where the
 * checkpoint is.
 */
function conclude(out: string, run: Run, corpus: Corpus): void {
  const { steps: step } = run.config;
  const { loss, extent } = validate(run, corpus, 20_000);
  logMetrics(out, { step, finalValidationLoss: loss });
  console.log(`\nvalidation loss ${loss.toFixed(4)} nats per character, ${extent}`);
  if (corpus.grammar) {
    const { entropy } = corpus.grammar;
    const above = (100 * (loss / entropy - 1)).toFixed(1);
    const count = 100;
    const [bold, plain] = [TEMPERATURE, 1].map((at) => countGrammatical(run.model, corpus, count, at));
    logMetrics(out, { step, entropy, grammaticalShare: bold! / count });
    console.log(
      `best possible   ${entropy.toFixed(4)}, the entropy of the grammar; the loss is ${above} % above it`,
    );
    console.log(
      `grammatical     ${bold} of ${count} stories sampled at temperature ${TEMPERATURE}, ${plain} at 1.0`,
    );
  }
  console.log(`\nsamples (temperature ${TEMPERATURE}):`);
  for (let i = 0; i < 5; i++) {
    if (i > 0 && !corpus.grammar) console.log('  ---');
    console.log(indented(sampleText(run.model, corpus)));
  }
  console.log(`\ncheckpoint: ${join(out, files.checkpoint)}`);
  console.log(`more text:  npx scratchformer sample --checkpoint ${out}`);
}
