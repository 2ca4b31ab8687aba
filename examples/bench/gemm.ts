/**
 * `npm run bench -- --gemm`: C = A·B by every backend, in GFLOP/s. Each contestant is a process of its own,
 * and they take turns, so that all meet the same machine and none disturbs the compiler of another.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './gemmContestant.ts';
import { median, report, rounded } from './measure.ts';

/** Forward products of the three configs, and a square. */
const shapes: readonly (readonly [where: string, m: number, n: number, k: number])[] = [
  ['nano, feed-forward', 768, 512, 128],
  ['nano, attention', 768, 128, 128],
  ['micro, feed-forward', 256, 128, 32],
  ['baby, attention', 2048, 384, 384],
  ['square', 512, 512, 512],
];

export interface GemmOptions {
  readonly threads?: number;
  readonly rounds: number;
  readonly json: boolean;
}

export async function benchGemm({ threads, rounds, json }: GemmOptions): Promise<void> {
  const { present, absent } = await contestants(threads ?? Math.min(8, availableParallelism()));
  const results = [];
  for (const [where, m, n, k] of shapes)
    results.push({ where, m, n, k, gflops: await race(present, { m, n, k }, rounds) });
  for (const { child } of present) child.disconnect();
  const columns = present.map(({ name }) => name.padStart(8));
  const rows = results.map(({ where, m, n, k, gflops }) => {
    const cells = present.map(({ name }) => gflops[name]!.toFixed(gflops[name]! < 10 ? 2 : 1).padStart(8));
    return `${`${m}×${k} · ${k}×${n}`.padEnd(22)}${where.padEnd(20)}${cells.join('  ')}`;
  });
  report(json, { rounds, results }, [
    `C = A·B in float32: GFLOP/s, medians of ${rounds} interleaved rounds; the number is that of the threads\n`,
    `${'A · B'.padEnd(42)}${columns.join('  ')}`,
    ...rows,
    ...absent.map((reason) => `\n${reason}`),
  ]);
}

interface Contestant {
  readonly name: string;
  readonly child: ChildProcess;
}

/** Everything that runs here, and why the rest does not. */
async function contestants(threads: number): Promise<{ present: Contestant[]; absent: string[] }> {
  const fast = threads > 1 ? [1, threads] : [1];
  const wanted = [
    ['naive', 'js', 1] as const,
    ['js', 'js', 1] as const,
    ...fast.map((count) => [`wasm ${count}`, 'wasm', count] as const),
    ...fast.map((count) => [`blas ${count}`, 'blas', count] as const),
  ];
  const present: Contestant[] = [];
  const absent = new Set<string>();
  for (const [name, backend, count] of wanted) {
    const file = fileURLToPath(new URL('gemmContestant.ts', import.meta.url));
    const child = fork(file, [name, backend, `${count}`], {
      env: { ...process.env, SCRATCHFORMER_BACKEND: 'js' },
    });
    const { error } = await answer(child);
    if (error === undefined) present.push({ name, child });
    else absent.add(error);
  }
  return { present, absent: [...absent] };
}

/** Median GFLOP/s of each contestant. */
async function race(
  present: readonly Contestant[],
  task: Task,
  rounds: number,
): Promise<Record<string, number>> {
  const rates = present.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, { child }] of present.entries()) {
      child.send(task);
      const { gflops = 0 } = await answer(child);
      if (round > 0) rates[i]!.push(gflops); // the first only warms up
    }
  }
  return Object.fromEntries(present.map(({ name }, i) => [name, rounded(median(rates[i]!), 3)]));
}

async function answer(child: ChildProcess): Promise<Answer> {
  const [message] = (await once(child, 'message')) as [Answer];
  return message;
}
