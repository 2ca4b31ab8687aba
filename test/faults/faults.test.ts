/** The short form of `npm run test:faults`. */
import { describe, expect, test } from 'vitest';
import { flipBytes } from './flips.ts';
import { randomKills } from './kills.ts';
import { killOperations } from './operations.ts';
import { roomAgain, tinyDisks, whyNoDisks } from './tiny.ts';
import { otherThreads, twoTogether } from './together.ts';

test('a byte that changes in a checkpoint is an error that names the file', () => {
  expect(flipBytes(3, Math.random)).toMatchObject({ silent: 0, unclear: 0 });
});

test('a kill within an operation on files loses nothing', { timeout: 300_000 }, async () => {
  expect(await killOperations(4)).toMatchObject({ kills: 4, lost: 0, diverged: 0 });
});

test('kills at random moments lose nothing', { timeout: 300_000 }, async () => {
  expect(await randomKills(4, Math.random)).toEqual({ kills: 4, lost: 0, diverged: 0 });
});

test('of two processes on one folder, one trains', { timeout: 300_000 }, async () => {
  expect(await twoTogether(1, Math.random)).toEqual({ pairs: 2, lost: 0, diverged: 0 });
});

test('a run that goes on three times, each time with other threads, ends with the same bytes', {
  timeout: 300_000,
}, async () => {
  expect(await otherThreads(Math.random)).toBe(true);
});

const noDisks = whyNoDisks();
describe.skipIf(noDisks !== null)(`a full disk (${noDisks ?? 'a RAM disk of a few KiB'})`, () => {
  test('keeps what was saved, and a run goes on once there is room', { timeout: 300_000 }, async () => {
    expect(await tinyDisks([40, 100])).toEqual({ disks: 2, lost: 0, diverged: 0, unclear: 0 });
  });

  test('that has room again is forgotten', { timeout: 300_000 }, async () => {
    expect(await roomAgain()).toBe(true);
  });
});
