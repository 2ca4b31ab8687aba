/**
 * `npm run test:faults -- --kills 200`: what a shared machine does to a run, done to real processes many times.
 * The short form is in the tests.
 */
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import { flipBytes } from './flips.ts';
import { randomKills } from './kills.ts';
import { killOperations } from './operations.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: `${Date.now()}` },
  },
});
const random = seedrandom(values.seed);
console.log(`seed ${values.seed}`);
const show = (name: string, result: object) =>
  console.log(`${name}: ${Object.entries(result).map(([key, count]) => `${key}: ${count}`).join(', ')}`); // biome-ignore format: one line

const flips = flipBytes(1, random);
show('every byte of a checkpoint changed', flips);
const operations = await killOperations();
show('a kill in every operation on files', operations);
const kills = await randomKills(Number(values.kills), random);
show('kills at random moments', kills);

const faults =
  flips.silent + flips.unclear + operations.lost + operations.diverged + kills.lost + kills.diverged;
process.exitCode = faults > 0 ? 1 : 0;
