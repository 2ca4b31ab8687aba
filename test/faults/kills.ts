import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sameBytes, savedStep, start, stepsDone } from './run.ts';

/** What came of many kills. */
export interface Kills {
  kills: number;
  /** Kills after which the last checkpoint was gone, unreadable or an older one, or the run did not go on. */
  lost: number;
  /** Runs that ended with other bytes than one that was never killed. */
  diverged: number;
}

/**
 * Ends runs by `kill -9` at random moments, goes on with each until it is done, and compares what it wrote
 * with an unbroken run, byte for byte. One kill in five comes while the process is starting.
 */
export async function randomKills(count: number, random: () => number): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-kills-'));
  const size = { steps: 1500, evalEvery: 40 };
  const unbroken = join(folder, 'unbroken');
  await start(unbroken, size).end;
  const result: Kills = { kills: 0, lost: 0, diverged: 0 };
  for (let chain = 0; result.kills < count; chain++) {
    const out = join(folder, `chain-${chain}`);
    for (let i = 0; i < 12 && result.kills < count; i++) {
      const saved = await savedStep(out);
      if (saved >= size.steps) break;
      const { child, end } = start(out, size);
      const goal = stepsDone(out) + 1 + Math.floor(random() * 250);
      if (random() < 0.2) await setTimeout(random() * 1500);
      else while (child.exitCode === null && stepsDone(out) < goal) await setTimeout(1);
      await setTimeout(random() * 5);
      child.kill('SIGKILL');
      const { signal } = await end;
      if (signal !== 'SIGKILL') continue; // it was done before
      result.kills++;
      const after = await savedStep(out).catch(() => -1);
      if (after < saved) result.lost++;
    }
    const { code, errors } = await start(out, size).end;
    if (code !== 0 && !errors.includes('has steps left')) result.lost++;
    else if (!sameBytes(out, unbroken)) result.diverged++;
  }
  rmSync(folder, { recursive: true });
  return result;
}
