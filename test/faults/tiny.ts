/** Runs on file systems without room: RAM disks of a size, which only the superuser may make. */
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sameBytes, savedStep, start, stepsDone } from './run.ts';

/** What came of runs on full disks. */
export interface TinyDisks {
  disks: number;
  /** Checkpoints that cannot be read, and runs that do not go on once there is room. */
  lost: number;
  /** Runs that ended with other bytes than one that had room. */
  diverged: number;
  /** Ends without a line that says what was wrong, or with a stack trace. */
  unclear: number;
}

/** Why there are no such disks here, null if there are. */
export function whyNoDisks(): string | null {
  if (process.platform !== 'linux') return 'no Linux';
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-mount-'));
  try {
    mount(folder, 'size=64k');
    unmount(folder);
    return null;
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1)!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] };
const mount = (folder: string, options: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], quiet);
const unmount = (folder: string) => execFileSync('umount', [folder], quiet);

/** Trains on disks of so many KiB until they are full, makes room, goes on, and compares with a run that had room. */
export async function tinyDisks(sizes: readonly number[]): Promise<TinyDisks> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-tiny-'));
  const run = { steps: 300, evalEvery: 20 };
  const unbroken = join(folder, 'unbroken');
  await start(unbroken, run).end;
  const result: TinyDisks = { disks: 0, lost: 0, diverged: 0, unclear: 0 };
  for (const size of sizes) {
    const out = join(folder, `disk-${size}`);
    mkdirSync(out);
    mount(out, `size=${size}k`);
    try {
      result.disks++;
      const { code, errors } = await start(out, run).end;
      const isClear = code === 0 || (code === 1 && /^(error|warning): .*ENOSPC/m.test(errors));
      if (!isClear || errors.includes('    at ')) result.unclear++;
      execFileSync('mount', ['-o', 'remount,size=16m', out], quiet);
      const saved = await savedStep(out).catch(() => -1);
      const more = saved === run.steps ? { code: 0 } : await start(out, run).end;
      if (saved < 0 || more.code !== 0) result.lost++;
      else if (!sameBytes(out, unbroken)) result.diverged++;
    } finally {
      unmount(out);
    }
  }
  rmSync(folder, { recursive: true });
  return result;
}

/** Fills the disk of a run, and makes room again before it ends: nothing may be missing, and the run ends well. */
export async function roomAgain(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-room-'));
  const run = { steps: 3000, evalEvery: 50 };
  const [unbroken, out, ballast] = [
    join(folder, 'unbroken'),
    join(folder, 'disk'),
    join(folder, 'disk/ballast'),
  ];
  await start(unbroken, run).end;
  mkdirSync(out);
  mount(out, 'size=8m');
  try {
    const { child, end } = start(out, run);
    while (child.exitCode === null && stepsDone(out) < 120) await setTimeout(1);
    let warned = '';
    child.stderr!.on('data', (data) => {
      warned += data;
    });
    try {
      writeFileSync(ballast, new Uint8Array(2 ** 24));
    } catch {} // the disk is full: that was the purpose
    while (child.exitCode === null && !warned.includes('is not saved')) await setTimeout(1);
    rmSync(ballast);
    const { code } = await end;
    return code === 0 && sameBytes(out, unbroken);
  } finally {
    unmount(out);
    rmSync(folder, { recursive: true });
  }
}
