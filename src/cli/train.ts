import { join } from 'node:path';
import { manualSeed, restoreRandomState } from '../tensor/index.ts';
import { type Checkpoint, type Hook, loadCheckpoint, Trainer } from '../train/index.ts';
import { batches } from './batches.ts';
import { type BeginFlags, type Begun, started } from './begin.ts';
import { writeConfig } from './configFile.ts';
import { describe } from './describe.ts';
import { finish, sayBest } from './finish.ts';
import { cutMetrics, files, makeFolder, setEarlierRunAside } from './folder.ts';
import { evaluation, metrics } from './hooks.ts';
import { onFirstInterrupt } from './interrupts.ts';
import { type Lock, whileLocked } from './lock.ts';
import { type Progress, progress } from './progress.ts';
import { resumed, sayNewRate } from './resume.ts';
import { saving } from './saving.ts';
import { type WatchingFlags, watching } from './watch/watching.ts';

/** The flags of `train`. */
export type TrainFlags = BeginFlags & WatchingFlags & { readonly out: string; readonly resume?: boolean };

/** Runs `scratchformer train`. Settings are tried out before the folder is made, or anything in it touched. */
export async function train({ out, resume = false, ...flags }: TrainFlags): Promise<void> {
  const { watch, port, report, ...settings } = flags;
  const fresh = resume ? null : await started(settings);
  if (fresh) await makeFolder(out);
  await whileLocked(out, async (lock) => {
    const checkpoint = fresh ? null : await loadCheckpoint(join(out, files.checkpoint));
    const begun = fresh ?? (await resumed(out, checkpoint!, settings));
    await trainIn(out, begun, checkpoint, { watch, port, report }, lock);
  });
}

async function trainIn(
  out: string,
  { run, corpus }: Begun,
  checkpoint: Checkpoint | null,
  flags: WatchingFlags,
  lock: Lock,
): Promise<void> {
  const { config, track, ema } = run;
  const startStep = checkpoint?.step ?? 0;
  const isOver = startStep >= config.steps || track.isOver(config.earlyStop);
  const watched = await watching(flags, out, run, corpus, startStep);
  if (checkpoint && !isOver) sayNewRate(run, startStep);
  if (!isOver) describe(run, corpus, config.steps - startStep, batches(config, corpus, startStep));
  const shown = progress(startStep, config.steps);
  const hooks: Hook[] = [
    lock.check,
    shown.hook,
    metrics(out),
    track.skips(shown),
    ({ skipped }) => void (!skipped && ema?.update()),
    evaluation(out, run, corpus, shown, watched?.recorder),
    ({ trainer }) => void (track.isOver(config.earlyStop) && trainer.stop()),
    saving(out, run, corpus),
  ];
  const trainer = new Trainer({
    model: run.model,
    optimizer: run.optimizer,
    schedule: run.schedule,
    nextBatch: batches(config, corpus, startStep),
    steps: config.steps,
    clip: config.clip,
    accumulate: config.accumulate,
    maxSkipped: config.maxSkipped,
    startStep,
    startSkipped: track.state.skippedInARow,
    hooks: watched?.recorder.around(hooks) ?? hooks,
    ...(watched && { afterBackward: watched.recorder.afterBackward }),
  });
  // Nothing of an earlier run is touched before the settings of this one have been tried out.
  if (checkpoint) await cutMetrics(out, startStep, isOver);
  else await setAside(out);
  writeConfig(out, config);
  // The run's random numbers start here: what the estimate drew is forgotten.
  if (checkpoint) restoreRandomState(checkpoint.random);
  else manualSeed(config.seed);
  if (!isOver)
    await runUntilInterrupted(trainer, shown).catch((error) => {
      sayBest(out, run, trainer.step);
      throw error;
    });
  if (trainer.stopped && !track.isOver(config.earlyStop))
    console.log(`stopped after step ${trainer.step}; go on with: scratchformer train --out ${out} --resume`);
  else await finish(out, run, corpus, trainer.step);
  await watched?.end();
}

/** Trains to the last step, or to the end of the step in which somebody interrupts. */
export async function runUntilInterrupted(trainer: Trainer, shown: Progress): Promise<void> {
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

/** Moves an earlier run in the folder aside, and says where. */
export async function setAside(out: string): Promise<void> {
  const earlier = await setEarlierRunAside(out);
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
}
