import { join } from 'node:path';
import { randomBatch } from '../data/index.ts';
import { manualSeed, restoreRandomState } from '../tensor/index.ts';
import { loadCheckpoint, Trainer } from '../train/index.ts';
import { resumed, started } from './begin.ts';
import { conclude } from './conclude.ts';
import type { Settings } from './config.ts';
import { describe } from './describe.ts';
import { cutMetrics, files, makeFolder, setEarlierRunAside } from './folder.ts';
import { evaluation, metrics, saving } from './hooks.ts';
import { onFirstInterrupt } from './interrupts.ts';
import { type Progress, progress } from './progress.ts';
import { type WatchingFlags, watching } from './watch/watching.ts';

/** The flags of `train`. */
export type TrainFlags = Settings & WatchingFlags & { readonly out: string; readonly resume?: boolean };

/** Runs `scratchformer train`. */
export async function train({
  out,
  resume = false,
  watch,
  port,
  report,
  ...flags
}: TrainFlags): Promise<void> {
  const checkpoint = resume ? await loadCheckpoint(join(out, files.checkpoint)) : null;
  const { run, corpus } = checkpoint ? await resumed(checkpoint, flags) : await started(flags);
  await makeFolder(out);
  const { config } = run;
  const startStep = checkpoint?.step ?? 0;
  const watched = await watching({ watch, port, report }, out, run, corpus, startStep);
  const nextBatch = () => {
    const context = Math.min(config.model.context, corpus.train.length - 1);
    return randomBatch(corpus.train, { batchSize: config.batchSize, context });
  };
  describe(run, corpus, config.steps - startStep, nextBatch);
  const shown = progress(startStep, config.steps);
  const hooks = [
    shown.hook,
    metrics(out),
    evaluation(out, run, corpus, shown, watched?.recorder),
    saving(out, run, corpus),
  ];
  const trainer = new Trainer({
    model: run.model,
    optimizer: run.optimizer,
    schedule: run.schedule,
    nextBatch,
    steps: config.steps,
    clip: config.clip,
    startStep,
    hooks: watched?.recorder.around(hooks) ?? hooks,
    ...(watched ? { afterBackward: watched.recorder.afterBackward } : {}),
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
  await watched?.end();
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

async function setAside(out: string): Promise<void> {
  const earlier = await setEarlierRunAside(out);
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
}
