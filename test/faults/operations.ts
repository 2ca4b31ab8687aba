import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kills } from './kills.ts';
import { sameBytes, savedStep, start } from './run.ts';

const preload = ['--import', fileURLToPath(new URL('./killAt.js', import.meta.url))];

/**
 * Ends a run within each of its operations on files, one after the other, or within `some` of them, and goes
 * on; then compares with an unbroken run.
 */
export async function killOperations(
  some = Number.POSITIVE_INFINITY,
  random = Math.random,
): Promise<Kills & { operations: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-operations-'));
  const size = { steps: 12, evalEvery: 4 };
  const unbroken = join(folder, 'unbroken');
  const counted = join(folder, 'count');
  await start(unbroken, size, { env: { COUNT_TO: counted, KILL_IN: unbroken }, flags: preload }).end;
  const operations = Number(readFileSync(counted, 'utf8'));
  const result = { operations, kills: 0, lost: 0, diverged: 0 };
  const all = Array.from({ length: operations }, (_, n) => n);
  const chosen = some < operations ? all.sort(() => random() - 0.5).slice(0, some) : all;
  for (const n of chosen) {
    const out = join(folder, `at-${n}`);
    const env = { KILL_AT: `${n}`, KILL_IN: out };
    const { signal } = await start(out, size, { env, flags: preload }).end;
    if (signal === 'SIGKILL') result.kills++;
    const saved = await savedStep(out).catch(() => -1);
    const { code, errors } = await start(out, size).end;
    const wasDone = saved === size.steps && errors.includes('has steps left');
    if (saved < 0 || (code !== 0 && !wasDone)) result.lost++;
    else if (!sameBytes(out, unbroken)) result.diverged++;
  }
  rmSync(folder, { recursive: true });
  return result;
}
