/** One process writes to a folder, in real processes that end in every way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockFolder } from '../../src/cli/lock.ts';
import { root } from '../support/root.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A process that takes the folder, says how that went, and then lives until it is killed. */
function taker(folder: string, parent: readonly string[] = []): ChildProcess {
  const program = `
    import { lockFolder } from '${root}src/cli/lock.ts';
    const answer = await lockFolder(process.argv[1]).then(() => 'taken', (error) => error.message);
    console.log(answer);
    setInterval(() => {}, 1000);`;
  const own = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program, folder];
  const [first, ...rest] = [...parent, ...own] as [string, ...string[]];
  return spawn(first, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const answer = async ({ stdout }: ChildProcess) => String((await once(stdout!, 'data'))[0]).trim();
const ended = async (child: ChildProcess, signal: NodeJS.Signals) => {
  child.kill(signal);
  await once(child, 'exit');
};

test('a folder is taken once; what a living process holds is an error, what a dead one left is not', async () => {
  const folder = temporaryFolder();
  const first = taker(folder);
  expect(await answer(first)).toBe('taken');
  await expect(lockFolder(folder)).rejects.toThrow(`process ${first.pid} on ${hostname()}`);
  await ended(first, 'SIGKILL');
  expect(existsSync(join(folder, '.lock'))).toBe(true);
  const lock = await lockFolder(folder);
  lock.check();
  await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid}`);
  lock.release();
  expect(existsSync(join(folder, '.lock'))).toBe(false);
});

test.skipIf(process.platform !== 'linux')(
  'a process that only its parent still has to ask about is dead',
  async () => {
    const folder = temporaryFolder();
    const parent = taker(folder, ['sh', '-c', '"$@" & exec sleep 60', 'sh']); // which never asks
    expect(await answer(parent)).toBe('taken');
    const { process: id } = JSON.parse(readFileSync(join(folder, '.lock'), 'utf8')) as { process: number };
    process.kill(id, 'SIGKILL');
    while (!/\) Z/.test(readFileSync(`/proc/${id}/stat`, 'utf8'))) await setTimeout(1);
    const lock = await lockFolder(folder);
    lock.release();
    await ended(parent, 'SIGKILL');
  },
);

test.each([
  ['what a crash left of one', '{"process":'],
  ['that of a process whose number another has now', { process: process.pid, host: hostname(), since: '1' }],
  ['that of a number that no process has', { process: 2 ** 22 + 1, host: hostname(), since: null }],
])('a lock is taken over: %s', async (_, owner) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.lock'), typeof owner === 'string' ? owner : JSON.stringify(owner));
  const lock = await lockFolder(folder);
  expect(JSON.parse(readFileSync(join(folder, '.lock'), 'utf8'))).toMatchObject({ process: process.pid });
  lock.release();
});

test('another host may live; and an owner notices that its folder was taken', async () => {
  const folder = temporaryFolder();
  const path = join(folder, '.lock');
  const lock = await lockFolder(folder);
  writeFileSync(path, JSON.stringify({ process: 1, host: 'elsewhere', since: null }));
  expect(() => lock.check()).toThrow('process 1 on elsewhere');
  await expect(lockFolder(folder)).rejects.toThrow(`remove ${path}`);
  lock.release();
  expect(existsSync(path), "another's lock stays").toBe(true);
});

test('of processes that find the lock of a dead one together, one gets it', {
  timeout: 120_000,
}, async () => {
  for (const dead of ['{}', JSON.stringify({ process: 2 ** 22 + 1, host: hostname(), since: null })]) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.lock'), dead);
    const takers = Array.from({ length: 5 }, () => taker(folder));
    const answers = await Promise.all(takers.map(answer));
    expect(
      answers.filter((text) => text === 'taken'),
      answers.join('\n'),
    ).toHaveLength(1);
    await Promise.all(takers.map((child) => ended(child, 'SIGKILL')));
  }
});
