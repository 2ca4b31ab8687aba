import { join } from 'node:path';
import { randomBatch } from '../data/index.ts';
import { init, type ReductionName, together } from '../distributed/index.ts';
import { manualSeed, restoreRandomState } from '../tensor/index.ts';
import type { Trainer } from '../train/index.ts';
import { resumed, started } from './begin.ts';
import { conclude } from './conclude.ts';
import type { Settings } from './config.ts';
import { describe } from './describe.ts';
import { cutMetrics, files, makeFolder, setEarlierRunAside } from './folder.ts';
import { evaluation, metrics, saving } from './hooks.ts';
import { onFirstInterrupt } from './interrupts.ts';
import { type Progress, progress, silence } from './progress.ts';
import { checkRanks, sharedCheckpoint, trainerOn } from './ranks.ts';

/** The flags of `train`. */
export type TrainFlags = Settings & {
  readonly out: string;
  readonly resume?: boolean;
  readonly reduction?: ReductionName;
};

/** Runs `scratchformer train`. */
export async function train({ out, resume = false, reduction, ...flags }: TrainFlags): Promise<void> {
  const world = init();
  const isFirst = world.rank === 0; // who alone writes
  const checkpoint = resume ? await sharedCheckpoint(world, join(out, files.checkpoint)) : null;
  const { run, corpus } = await together(world, () =>
    checkpoint ? resumed(checkpoint, flags) : started({ accumulate: world.size, ...flags }),
  );
  checkRanks(world, run, corpus);
  await together(world, () => (isFirst ? makeFolder(out) : undefined));
  const { config } = run;
  const startStep = checkpoint?.step ?? 0;
  const nextBatch = () => {
    const context = Math.min(config.model.context, corpus.train.length - 1);
    return randomBatch(corpus.train, { batchSize: config.batchSize, context });
  };
  describe(run, corpus, config.steps - startStep, nextBatch);
  const shown = isFirst ? progress(startStep, config.steps) : silence;
  const hooks = [shown.hook, metrics(out), evaluation(out, run, corpus, shown), saving(out, run, corpus)];
  const options = {
    model: run.model,
    optimizer: run.optimizer,
    schedule: run.schedule,
    nextBatch,
    steps: config.steps,
    clip: config.clip,
    accumulate: config.accumulate,
    startStep,
    hooks: isFirst ? hooks : [],
  };
  const trainer = await together(world, () => trainerOn(world, options, reduction));
  // Nothing of an earlier run is touched before the settings of this one have been tried out.
  await together(world, () => (isFirst ? clear(out, checkpoint ? startStep : null) : undefined));
  // The run's random numbers start here: what the estimate drew is forgotten.
  if (checkpoint) restoreRandomState(checkpoint.random);
  else manualSeed(config.seed);
  await runUntilInterrupted(trainer, shown);
  if (trainer.stopped)
    console.log(`stopped after step ${trainer.step}; go on with: scratchformer train --out ${out} --resume`);
  else if (isFirst) conclude(out, run, corpus);
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

/** Makes way for what this run writes; one that goes on from a step keeps what was before it. */
async function clear(out: string, step: number | null): Promise<void> {
  if (step !== null) return cutMetrics(out, step);
  const earlier = await setEarlierRunAside(out);
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
}
