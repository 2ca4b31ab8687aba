import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { check, fail } from '../tensor/index.ts';
import { sweep } from './folder.ts';

/** The process that holds a folder, as its lock names it. */
interface Owner {
  readonly process: number;
  readonly host: string;
  /** When the process began, in the system's count, where that is to be had: numbers of processes come again. */
  readonly since: string | null;
}

/** A folder that this process alone writes to. */
export interface Lock {
  /** Checks that no other process has taken the folder over. */
  check(): void;
  release(): void;
}

/** Milliseconds in which two processes that find the lock of a dead one would both have taken it over. */
const RACE = 50;

/**
 * Takes a folder for this process, by the file `.lock` in it. A lock whose process is dead is taken over;
 * one of a living process, or of another host, is an error that names both. It ends with the process.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const path = join(folder, '.lock');
  const own: Owner = { process: process.pid, host: hostname(), since: beginning(process.pid) };
  const text = JSON.stringify(own);
  if (!create(path, text)) {
    const owner = read(path);
    if (owner && mayLive(owner)) failLocked(folder, owner);
    removeIf(path, owner);
    if (!create(path, text)) failLocked(folder, read(path));
    await setTimeout(RACE);
  }
  const isOwn = () => JSON.stringify(read(path)) === text;
  if (!isOwn()) failLocked(folder, read(path));
  const release = () => {
    process.off('exit', release);
    if (isOwn()) unlinkSync(path);
  };
  process.on('exit', release);
  return { check: () => isOwn() || failLocked(folder, read(path)), release };
}

/** Does something while this process alone writes to a folder, from which stale temporary files are gone. */
export async function whileLocked<Result>(
  folder: string,
  action: (lock: Lock) => Promise<Result>,
): Promise<Result> {
  const lock = await lockFolder(folder);
  try {
    await sweep(folder);
    return await action(lock);
  } finally {
    lock.release();
  }
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = 'was a model trained there (train --out)?';
    check(code !== 'ENOENT', 'train', 'the output folder is there', () => path, () => hint); // biome-ignore format: one line
    check(code === 'EEXIST', 'train', 'the output folder can be written to', () => message);
    return false;
  }
}

/** The owner that a lock names; null if there is none, or what a crash left of it. */
function read(path: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    return Number.isInteger(owner.process) && typeof owner.host === 'string' ? owner : null;
  } catch {
    return null;
  }
}

/** Removes the lock of a dead owner, unless another process has done so. */
function removeIf(path: string, owner: Owner | null): void {
  if (JSON.stringify(read(path)) !== JSON.stringify(owner)) return;
  try {
    unlinkSync(path);
  } catch {} // it is gone
}

/** Tells whether the owner may be alive: that of another host may. */
function mayLive({ process: id, host, since }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(id, 0); // signal 0 only asks
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return since === null || since === beginning(id);
}

/**
 * Field 22 of Linux's /proc/N/stat; null on other systems, and of a process that has ended and is only still
 * listed (Z, a zombie). The name, field 2, may have spaces and parentheses.
 */
function beginning(id: number): string | null {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    const [state, ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : (others[18] ?? null);
  } catch {
    return null;
  }
}

function failLocked(folder: string, owner: Owner | null): never {
  const by = owner ? `process ${owner.process} on ${owner.host}` : 'another process';
  const hint = `wait for it, or choose another --out; if it is dead, remove ${join(folder, '.lock')}`;
  fail('train', `one run at a time writes to ${folder}`, by, hint);
}
