import type { ReductionName } from '../distributed/index.ts';
import { manualSeed, restoreRandomState } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import type { Begun } from './begin.ts';
import { silence } from './progress.ts';
import { endingEarly, runOnRanks, trainerOn } from './trainerOn.ts';

/** Trains along with rank 0, step by step as `train` does there, without a folder. */
export async function follow(
  begun: Begun,
  checkpoint: Checkpoint | null,
  reduction?: ReductionName,
): Promise<void> {
  const { config, track } = begun.run;
  const trainer = await trainerOn(begun, checkpoint?.step ?? 0, [endingEarly(begun.run)], reduction);
  if (trainer.finished || track.isOver(config.earlyStop)) return;
  if (checkpoint) restoreRandomState(checkpoint.random);
  else manualSeed(config.seed);
  const interrupted = await runOnRanks(trainer, silence);
  if (trainer.stopped) process.exitCode = interrupted;
}
