/** The short form of `npm run test:faults`. */
import { expect, test } from 'vitest';
import { flipBytes } from './flips.ts';
import { randomKills } from './kills.ts';
import { killOperations } from './operations.ts';

test('a byte that changes in a checkpoint is an error that names the file', () => {
  expect(flipBytes(3, Math.random)).toMatchObject({ silent: 0, unclear: 0 });
});

test('a kill within an operation on files loses nothing', { timeout: 300_000 }, async () => {
  expect(await killOperations(6)).toMatchObject({ kills: 6, lost: 0, diverged: 0 });
});

test('kills at random moments lose nothing', { timeout: 300_000 }, async () => {
  expect(await randomKills(6, Math.random)).toEqual({ kills: 6, lost: 0, diverged: 0 });
});
