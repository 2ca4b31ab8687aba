import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sameBytes, savedStep, start, stepsDone } from './run.ts';

/** What came of several processes on one folder. */
export interface Together {
  pairs: number;
  /** Runs in which both went on, or neither did, or the refused one did not say why. */
  lost: number;
  diverged: number;
}

/**
 * Starts two processes on one folder, one after the other or at once: one trains, the other is refused. Then
 * kills the one that trains, and goes on with two that find its lock.
 */
export async function twoTogether(count: number, random: () => number): Promise<Together> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-together-'));
  const size = { steps: 400, evalEvery: 40 };
  const unbroken = join(folder, 'unbroken');
  await start(unbroken, size).end;
  const result: Together = { pairs: 0, lost: 0, diverged: 0 };
  const isOne = (ends: readonly { code: number | null; errors: string }[]) =>
    ends.filter(({ code }) => code === 0).length === 1 &&
    ends.filter(({ code, errors }) => code === 1 && errors.includes('one run at a time writes to')).length ===
      1;
  for (let i = 0; i < count; i++) {
    const out = join(folder, `pair-${i}`);
    const first = start(out, { ...size, steps: 10_000 });
    while (first.child.exitCode === null && stepsDone(out) < 60) await setTimeout(2);
    const refused = await start(out, size).end;
    result.pairs++;
    if (refused.code !== 1 || !refused.errors.includes('one run at a time writes to')) result.lost++;
    first.child.kill('SIGKILL');
    await first.end;
    if ((await savedStep(out).catch(() => 0)) < 40) result.lost++;
    const others = [0, 1].map(async (n) => {
      await setTimeout(n * random() * 300);
      return start(out, size, { more: ['--steps', `${size.steps}`] }).end;
    });
    result.pairs++;
    if (!isOne(await Promise.all(others))) result.lost++;
    else if ((await savedStep(out)) !== size.steps) result.diverged++;
  }
  rmSync(folder, { recursive: true });
  return result;
}

/**
 * Stops a run three times at arbitrary steps, goes on with other numbers of threads, and compares all bytes. The
 * kernels are our own: a BLAS gives the same bits for the same number of threads only.
 */
export async function otherThreads(random: () => number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-threads-'));
  const size = { steps: 600, evalEvery: 70 };
  const [unbroken, out] = [join(folder, 'unbroken'), join(folder, 'broken')];
  const env = { SCRATCHFORMER_BACKEND: 'wasm' };
  await start(unbroken, size, { env }).end;
  for (const threads of ['2', '1', '3']) {
    const { child, end } = start(out, size, { env: { ...env, SCRATCHFORMER_THREADS: threads } });
    const goal = stepsDone(out) + 1 + Math.floor(random() * 120);
    while (child.exitCode === null && stepsDone(out) < goal) await setTimeout(1);
    child.kill((['SIGINT', 'SIGTERM', 'SIGKILL'] as const)[Math.floor(random() * 3)]!);
    await end;
  }
  await start(out, size, { env: { ...env, SCRATCHFORMER_THREADS: '2' } }).end;
  const same = sameBytes(out, unbroken);
  rmSync(folder, { recursive: true });
  return same;
}
