import { join } from 'node:path';
import { init, ShardedOptimizer } from '../distributed/index.ts';
import { check, manualSeed, restoreRandomState } from '../tensor/index.ts';
import { type Checkpoint, type Hook, loadCheckpoint } from '../train/index.ts';
import type { Sharing } from './alike.ts';
import { batches } from './batches.ts';
import { type BeginFlags, type Begun, started } from './begin.ts';
import type { Run } from './build.ts';
import { writeConfig } from './configFile.ts';
import type { Corpus } from './corpus.ts';
import { leaveCourse, logChange, resumedFile } from './course.ts';
import { describe } from './describe.ts';
import { finish, sayBest } from './finish.ts';
import { cutMetrics, files, makeFolder } from './folder.ts';
import { follow } from './follow.ts';
import { evaluation, metrics } from './hooks.ts';
import { loadWhole } from './loadWhole.ts';
import { type Lock, whileLocked } from './lock.ts';
import { LogFile } from './logFile.ts';
import { type Progress, progress } from './progress.ts';
import { alike, sharedCheckpoint } from './ranks.ts';
import { resumed, sayNewRate } from './resume.ts';
import { Rescue, sayStopped, setAside } from './running.ts';
import { Saver } from './saver.ts';
import { savingOf } from './saving.ts';
import { endingEarly, runOnRanks, trainerOn } from './trainerOn.ts';
import { type Watched, type WatchingFlags, watching } from './watch/watching.ts';

/** The flags of `train`. */
export type TrainFlags = BeginFlags &
  WatchingFlags &
  Sharing & {
    readonly out: string;
    readonly resume?: boolean;
    readonly from?: string;
  };

/**
 * Runs `scratchformer train`. Settings are tried out before the folder is made, or anything in it touched. Of
 * several ranks, rank 0 alone touches it.
 */
export async function train({ out, resume = false, from, ...flags }: TrainFlags): Promise<void> {
  const { watch, port, report, reduction, shardOptimizer, ...settings } = flags;
  const sharing = { reduction, shardOptimizer };
  check(resume || from === undefined, 'train', '--from comes with --resume', () => `--from ${from}`);
  const path = resumedFile(out, from);
  const goOn = (saved: Checkpoint) => alike(() => resumed(out, saved, settings, from && path), sharing);
  const fresh = resume ? null : await alike(() => started(settings), sharing);
  if (init().rank > 0) {
    const checkpoint = fresh ? null : sharedCheckpoint(null);
    return follow(fresh ?? (await goOn(checkpoint!)), checkpoint, reduction);
  }
  if (fresh) await makeFolder(out);
  await whileLocked(out, async (lock) => {
    const checkpoint = fresh ? null : sharedCheckpoint(await (from ? loadCheckpoint : loadWhole)(path));
    const begun = fresh ?? (await goOn(checkpoint!));
    await trainIn(out, begun, checkpoint, { watch, port, report, reduction }, lock);
  });
}

async function trainIn(
  out: string,
  { run, corpus }: Begun,
  checkpoint: Checkpoint | null,
  { reduction, ...flags }: WatchingFlags & Pick<Sharing, 'reduction'>,
  lock: Lock,
): Promise<void> {
  const { config, track } = run;
  const startStep = checkpoint?.step ?? 0;
  const isOver = startStep >= config.steps || track.isOver(config.earlyStop);
  const watched = await watching(flags, out, run, corpus, startStep);
  if (checkpoint && !isOver) sayNewRate(run, startStep);
  if (!isOver) describe(run, corpus, config.steps - startStep, batches(config, corpus, startStep));
  const shown = progress(startStep, config.steps);
  const log = new LogFile(join(out, files.metrics), shown.warn);
  const saving = savingOf(out, run, corpus);
  const saver = new Saver({ ...saving, interval: config.evalEvery, startStep, log, warn: shown.warn });
  const rescue = new Rescue();
  const hooks = [lock.check, ...hooksOf(run, corpus, log, shown, watched), saver.hook, rescue.hook];
  const trainer = await trainerOn({ run, corpus }, startStep, hooks, reduction, watched?.recorder);
  // Nothing of an earlier run is touched before the settings of this one have been tried out.
  // The run's random numbers start here: what the estimate drew is forgotten.
  if (checkpoint) {
    restoreRandomState(checkpoint.random);
    await leaveCourse(out, track, saver, checkpoint);
    await cutMetrics(out, startStep, isOver);
    logChange(out, log, track);
  } else {
    await setAside(out);
    manualSeed(config.seed);
  }
  writeConfig(out, config);
  const interrupted = isOver
    ? 0
    : await runOnRanks(trainer, shown).catch(async (error) => {
        const isWhole = !(run.optimizer instanceof ShardedOptimizer); // or its state would be asked of all ranks
        if (isWhole) await rescue.save(error, trainer, saver, lock);
        sayBest(out, run, trainer.step);
        throw error;
      });
  if (trainer.stopped && !track.isOver(config.earlyStop)) {
    sayStopped('train', out, trainer, saver);
    process.exitCode = interrupted;
  } else await finish(out, run, corpus, trainer.step, log);
  if (saver.failed) process.exitCode = 1;
  await watched?.end();
}

/** What is done after each step, but for saving. */
function hooksOf(
  run: Run,
  corpus: Corpus,
  log: LogFile,
  shown: Progress,
  watched: Watched | undefined,
): Hook[] {
  const { track, ema } = run;
  return [
    shown.hook,
    metrics(log),
    track.skips(shown),
    ({ skipped }) => void (!skipped && ema?.update()),
    evaluation(log, run, corpus, shown, watched?.recorder),
    endingEarly(run),
  ];
}
