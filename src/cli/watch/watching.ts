import { setTimeout } from 'node:timers/promises';
import { check } from '../../tensor/index.ts';
import type { Run } from '../build.ts';
import type { Corpus } from '../corpus.ts';
import { serveInThread } from './inThread.ts';
import { type Recorder, recorder } from './recorder.ts';
import { checkReport, writeReport } from './report.ts';

/** The flags of `train` that are about the page. */
export interface WatchingFlags {
  readonly watch?: boolean | undefined;
  readonly port?: number | undefined;
  readonly report?: string | undefined;
}

/** A run that is watched. */
export interface Watched {
  readonly recorder: Recorder;
  /** Writes the report, and lets an open page see the end. */
  readonly end: () => Promise<void>;
}

/** Milliseconds in which an open page asks once more. */
const LAST_LOOK = 1500;

/** Begins to serve the page, if that is asked for; undefined for a run that nobody watches. */
export async function watching(
  { watch = false, port, report }: WatchingFlags,
  out: string,
  run: Run,
  corpus: Corpus,
  startStep: number,
): Promise<Watched | undefined> {
  check(
    port === undefined || watch,
    'train',
    '--port comes with --watch',
    () => '--port alone',
    () => 'add --watch, or leave it out',
  );
  if (report !== undefined) checkReport(report);
  if (watch) console.log(`watch at ${await serveInThread({ runs: [out], port })}\n`);
  else if (report === undefined) return undefined;
  return {
    recorder: recorder(out, run, corpus, startStep),
    end: async () => {
      if (report !== undefined) {
        await writeReport(report, [out]);
        console.log(`report:     ${report}`);
      }
      if (!watch) return;
      console.log(`watch again: scratchformer watch ${out}`);
      await setTimeout(LAST_LOOK);
    },
  };
}
