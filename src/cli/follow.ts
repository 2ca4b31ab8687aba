import { type ReductionName, ShardedOptimizer } from '../distributed/index.ts';
import { manualSeed, restoreRandomState } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import type { Begun } from './begin.ts';
import type { Run } from './build.ts';
import { leaveCourse } from './course.ts';
import { silence } from './progress.ts';
import { Saver } from './saver.ts';
import { endingEarly, runOnRanks, trainerOn } from './trainerOn.ts';

/** Trains along with rank 0, step by step as `train` does there, without a folder. */
export async function follow(
  begun: Begun,
  checkpoint: Checkpoint | null,
  reduction?: ReductionName,
): Promise<void> {
  const { config, track } = begun.run;
  const startStep = checkpoint?.step ?? 0;
  const saver = giver(begun.run, startStep);
  const trainer = await trainerOn(begun, startStep, [endingEarly(begun.run), saver.hook], reduction);
  if (checkpoint) {
    restoreRandomState(checkpoint.random);
    await leaveCourse(null, track, saver, checkpoint);
  } else manualSeed(config.seed);
  if (trainer.finished || track.isOver(config.earlyStop)) return;
  const interrupted = await runOnRanks(trainer, silence);
  if (trainer.stopped) process.exitCode = interrupted;
}

/** Saves when rank 0 does, but writes nothing: it gives its share of the state, if the optimizer is sharded. */
function giver({ config, optimizer, track }: Run, startStep: number): Saver {
  return new Saver({
    interval: config.evalEvery,
    startStep,
    filesOf() {
      if (optimizer instanceof ShardedOptimizer) optimizer.stateDict();
      return [];
    },
    isOver: () => track.isOver(config.earlyStop),
    log: { flush() {} },
    warn: silence.warn,
  });
}
