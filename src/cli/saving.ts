import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomState } from '../tensor/index.ts';
import { type Checkpoint, encodeCheckpoint } from '../train/index.ts';
import type { Run } from './build.ts';
import { type Corpus, savedOf } from './corpus.ts';
import { files, isStepFile, stepFile, stepOf } from './folder.ts';
import type { NewFile, SaverOptions } from './saver.ts';

/**
 * The files that keep a run. First the best is written, and the newest few: whenever the last one says that
 * they were, they are there.
 */
export function savingOf(out: string, run: Run, corpus: Corpus): Pick<SaverOptions, 'filesOf' | 'isOver'> {
  const { keep, earlyStop } = run.config;
  return {
    *filesOf(step, atInterval): Iterable<NewFile> {
      const checkpoint = snapshot(step, run, corpus);
      if (keep !== 'last' && run.track.state.best?.step === step)
        yield [join(out, files.best), encodeCheckpoint(ofAverages(checkpoint, run))];
      const bytes = encodeCheckpoint(checkpoint);
      if (typeof keep === 'number' && atInterval) {
        yield [join(out, stepFile(step)), bytes];
        removeOlder(out, step, keep); // once it is written
      }
      yield [join(out, files.checkpoint), bytes];
    },
    isOver: () => run.track.isOver(earlyStop),
  };
}

function snapshot(step: number, { model, optimizer, ema, config, track }: Run, corpus: Corpus): Checkpoint {
  return {
    step,
    model: model.stateDict(),
    optimizer: { ...optimizer.stateDict() },
    ...(ema && { ema: { ...ema.stateDict() } }),
    random: randomState(),
    info: { config, ...savedOf(corpus, config), track: track.state },
  };
}

/** The checkpoint with the averages for weights: they are what was evaluated. */
function ofAverages({ ema: _, ...checkpoint }: Checkpoint, { ema, model }: Run): Checkpoint {
  return ema ? { ...checkpoint, model: ema.apply(() => model.stateDict()) } : checkpoint;
}

/** Removes what is not among the `count` newest up to `step`. */
function removeOlder(out: string, step: number, count: number): void {
  const steps = readdirSync(out)
    .filter(isStepFile)
    .map(stepOf)
    .filter((one) => one <= step)
    .sort((a, b) => b - a);
  for (const old of steps.slice(count)) rmSync(join(out, stepFile(old)));
}
