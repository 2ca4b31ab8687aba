import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../io/index.ts';
import { randomState } from '../tensor/index.ts';
import { type Checkpoint, encodeCheckpoint, every, type Hook } from '../train/index.ts';
import type { Run } from './build.ts';
import { type Corpus, savedOf } from './corpus.ts';
import { files, isStepFile, stepFile } from './folder.ts';

/**
 * Saves the checkpoint, also after the step in which training is stopped. First the best is kept, and the
 * newest few: whenever the last one says that they were, they are there.
 */
export function saving(out: string, run: Run, corpus: Corpus): Hook {
  const { keep, evalEvery } = run.config;
  const save: Hook = async ({ step, trainer }) => {
    const checkpoint = snapshot(step, run, corpus);
    if (keep !== 'last' && run.track.state.best?.step === step)
      await writeFileAtomic(join(out, files.best), encodeCheckpoint(ofAverages(checkpoint, run)));
    const bytes = encodeCheckpoint(checkpoint);
    if (typeof keep === 'number' && (step % evalEvery === 0 || trainer.finished)) {
      await writeFileAtomic(join(out, stepFile(step)), bytes);
      await removeOlder(out, step, keep);
    }
    await writeFileAtomic(join(out, files.checkpoint), bytes);
  };
  return every(evalEvery, save);
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
async function removeOlder(out: string, step: number, count: number): Promise<void> {
  const steps = readdirSync(out)
    .filter(isStepFile)
    .map((name) => Number.parseInt(name.slice('step-'.length), 10))
    .filter((one) => one <= step)
    .sort((a, b) => b - a);
  for (const old of steps.slice(count)) await rm(join(out, stepFile(old)));
}
