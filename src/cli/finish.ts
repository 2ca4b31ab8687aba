import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCheckpoint } from '../train/index.ts';
import { usingAverages } from './averages.ts';
import type { Run } from './build.ts';
import { conclude } from './conclude.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';
import type { LogFile } from './logFile.ts';

/** Concludes a run that is over: one that ended early with its best weights, another with its last. */
export async function finish(
  out: string,
  run: Run,
  corpus: Corpus,
  step: number,
  log: LogFile,
): Promise<void> {
  const { track, config } = run;
  const early = step < config.steps;
  const ended = { ...run, config: { ...config, steps: step } };
  if (early)
    console.log(
      `\nstopped early, after step ${step}: ${track.state.worse} evaluations without a better loss`,
    );
  const kept = keptBest(out, run);
  if (early && kept) {
    run.model.loadStateDict((await loadCheckpoint(kept)).model);
    conclude(out, ended, corpus, log);
  } else await usingAverages(run, () => conclude(out, ended, corpus, log));
  sayBest(out, run, step);
  log.flush();
}

/** Says which evaluation was the best, if it was not that of `step`, and how many steps were skipped. */
export function sayBest(out: string, run: Run, step: number): void {
  const { best, skipped } = run.track.state;
  if (skipped > 0) console.log(`skipped:    ${skipped} steps that were not finite`);
  if (best === null || best.step === step) return;
  const kept = keptBest(out, run);
  const where = kept ? `, kept in ${kept}, which sample and eval take` : '';
  console.log(`best:       validation loss ${best.loss.toFixed(4)} after step ${best.step}${where}`);
}

function keptBest(out: string, { track, config }: Run): string | null {
  const path = join(out, files.best);
  return track.state.best && config.keep !== 'last' && existsSync(path) ? path : null;
}
