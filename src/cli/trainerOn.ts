import type { Batch } from '../data/index.ts';
import { DistributedTrainer, init, type ReductionName, together } from '../distributed/index.ts';
import { every, type Hook, Trainer } from '../train/index.ts';
import { batches } from './batches.ts';
import type { Begun } from './begin.ts';
import type { Run } from './build.ts';
import type { Progress } from './progress.ts';
import { runUntilInterrupted } from './running.ts';
import type { Recorder } from './watch/recorder.ts';

/** Makes the trainer of a run: that of all ranks, if there are several. */
export async function trainerOn(
  { run, corpus }: Begun,
  startStep: number,
  hooks: readonly Hook[],
  reduction: ReductionName = 'inOrder',
  recorder?: Recorder,
): Promise<Trainer<Batch>> {
  const { model, optimizer, schedule, config, track } = run;
  const { steps, clip, accumulate, maxSkipped } = config;
  const options = {
    model,
    optimizer,
    schedule,
    nextBatch: batches(config, corpus, startStep),
    steps,
    clip,
    accumulate,
    maxSkipped,
    startStep,
    startSkipped: track.state.skippedInARow,
    hooks: recorder?.around(hooks) ?? hooks,
    ...(recorder && { afterBackward: recorder.afterBackward }),
  };
  const world = init();
  if (world.size === 1) return new Trainer<Batch>(options);
  return together(world, () => new DistributedTrainer<Batch>(options, { world, reduction }));
}

/** Ends training when evaluations say so: rank 0 makes them, and all hear of it. */
export function endingEarly({ track, config }: Run): Hook {
  const hear: Hook = ({ trainer }) => {
    const told = init().broadcastBytes(new TextEncoder().encode(JSON.stringify(track.state)));
    track.restore(JSON.parse(new TextDecoder().decode(told)));
    if (!track.isOver(config.earlyStop)) return;
    if (trainer instanceof DistributedTrainer) trainer.stopTogether();
    else trainer.stop();
  };
  return every(config.evalEvery, hear, { whenStopped: false });
}

/** `runUntilInterrupted` on all ranks: all get the exit code of what came to any. */
export async function runOnRanks(trainer: Trainer<Batch>, shown: Progress): Promise<number> {
  const code = await runUntilInterrupted(trainer, shown);
  return Math.max(...init().gather(`${code}`).map(Number));
}
