import { statSync } from 'node:fs';
import { check } from '../../tensor/index.ts';
import { checkReport, writeReport } from './report.ts';
import { serve } from './server.ts';

/** The flags of `watch`. */
export interface WatchFlags {
  readonly port?: number;
  readonly report?: string;
}

/** Runs `scratchformer watch`: serves the page until it is interrupted, or writes it into a file. */
export async function watch(runs: readonly string[], { port, report }: WatchFlags): Promise<void> {
  for (const run of runs) {
    check(
      statSync(run, { throwIfNoEntry: false })?.isDirectory() === true,
      'watch',
      'the runs are folders that are there',
      () => run,
      () => 'was a model trained there (train --out)?',
    );
  }
  if (report === undefined) {
    const { address } = await serve({ runs, port });
    console.log(`watch at ${address} (Ctrl-C ends it)`);
  } else {
    checkReport(report);
    await writeReport(report, runs);
    console.log(`report: ${report}`);
  }
}
