/**
 * `npm run bench -- --under-load`: a training step on one thread and on all, on this machine as it is and
 * beside two other processes that never rest.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { useBackend } from 'scratchformer/kernels';
import { configs } from './configs.ts';
import { report, rounded, timed, warmUp } from './measure.ts';
import { training } from './step.ts';
import { heading, type RunOptions } from './training.ts';

const ROUNDS = 5;

interface Row {
  readonly threads: number;
  /** Means, not medians: under load a few steps take most of the time. */
  readonly quietMs: number;
  readonly busyMs: number;
  /** Speed under load as a part of the speed without. */
  readonly share: number;
}

export async function benchUnderLoad({ config, backend, steps, json }: RunOptions): Promise<void> {
  if (!json) console.log(heading(config, backend));
  const { step } = training(configs[config]);
  const counts = [...new Set([1, backend.threads])];
  const perRound = Math.ceil(steps / ROUNDS);
  const measured = async () => {
    const totals = counts.map(() => 0);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, threads] of counts.entries()) {
        useBackend(backend.name, { threads });
        await setTimeout(200); // until the threads are up
        warmUp(step, Math.min(10, perRound));
        for (let n = 0; n < perRound; n++) totals[i]! += timed(step)[0];
      }
    }
    return totals.map((total) => total / perRound / ROUNDS);
  };
  const quiet = await measured();
  const competitors = [1, 2].map(compete);
  const busy = await measured();
  for (const child of competitors) child.kill();
  const rows = counts.map((threads, i): Row => {
    const [quietMs, busyMs] = [quiet[i]!, busy[i]!];
    return {
      threads,
      quietMs: rounded(quietMs),
      busyMs: rounded(busyMs),
      share: rounded(quietMs / busyMs, 3),
    };
  });
  report(json, { config, backend: backend.name, rows }, [
    'threads  alone      beside two busy processes',
    ...rows.map(line),
  ]);
}

function line({ threads, quietMs, busyMs, share }: Row): string {
  const [alone, beside] = [quietMs, busyMs].map((ms) => `${ms.toFixed(2)} ms`.padEnd(11));
  return `${`${threads}`.padEnd(9)}${alone}${beside}${(100 * share).toFixed(0)} % of the speed alone`;
}

function compete(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);']);
}
