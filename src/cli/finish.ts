import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCheckpoint } from '../train/index.ts';
import { usingAverages } from './averages.ts';
import type { Run } from './build.ts';
import { conclude } from './conclude.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';

/** Concludes a run that is over: one that ended early with its best weights, another with its last. */
export async function finish(out: string, run: Run, corpus: Corpus, step: number): Promise<void> {
  const { track, config } = run;
  const { best, worse, skipped } = track.state;
  const path = join(out, files.best);
  const kept = best !== null && config.keep !== 'last' && existsSync(path);
  const early = step < config.steps;
  const ended = { ...run, config: { ...config, steps: step } };
  if (early) console.log(`\nstopped early, after step ${step}: ${worse} evaluations without a better loss`);
  if (early && kept) {
    run.model.loadStateDict((await loadCheckpoint(path)).model);
    conclude(out, ended, corpus);
  } else await usingAverages(run, () => conclude(out, ended, corpus));
  if (skipped > 0) console.log(`skipped:    ${skipped} steps that were not finite`);
  if (best && (early || best.step < step)) {
    const where = kept ? `, kept in ${path}, which sample and eval take` : '';
    console.log(`best:       validation loss ${best.loss.toFixed(4)} after step ${best.step}${where}`);
  }
}
