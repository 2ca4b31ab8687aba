/**
 * `npm run test:faults -- --soak 100000`: memory while a run goes on for long. It must be flat: what the process holds in
 * the last tenth is at most a twentieth, and 8 MiB, more than in the second one.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { start, stepsDone } from './run.ts';

/** What a long run held, in MiB. */
export interface Soak {
  readonly steps: number;
  /** The most in the second tenth of its steps. */
  readonly early: number;
  /** The most in the last tenth. */
  readonly late: number;
  readonly isFlat: boolean;
}

export async function soak(steps: number): Promise<Soak> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-soak-'));
  const out = join(folder, 'run');
  const { child, end } = start(out, { steps, evalEvery: Math.ceil(steps / 100) });
  const most = new Float64Array(11);
  let step = 0;
  while (child.exitCode === null && step < steps) {
    await setTimeout(1000);
    step = stepsDone(out);
    const tenth = Math.floor((10 * step) / steps);
    most[tenth] = Math.max(most[tenth]!, resident(child.pid!));
  }
  const { code, errors } = await end;
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`the run ended with code ${code}: ${errors}`);
  const [early, late] = [most[1]!, Math.max(most[9]!, most[10]!)];
  return { steps, early, late, isFlat: late <= 1.05 * early + 8 };
}

/** MiB of memory that a process holds, as Linux counts it; 0 of one that has ended. */
function resident(id: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
