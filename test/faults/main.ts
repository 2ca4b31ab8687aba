/**
 * `npm run test:faults -- --kills 200`: what a shared machine does to a run, done to real processes many times.
 * The short form is in the tests.
 */
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import { flipBytes } from './flips.ts';
import { randomKills } from './kills.ts';
import { killOperations } from './operations.ts';
import { soak } from './soak.ts';
import { tinyDisks, whyNoDisks } from './tiny.ts';
import { otherThreads, twoTogether } from './together.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    soak: { type: 'string' },
    seed: { type: 'string', default: `${Date.now()}` },
  },
});
const random = seedrandom(values.seed);
console.log(`seed ${values.seed}`);
const show = (name: string, result: object) =>
  console.log(`${name}: ${Object.entries(result).map(([key, count]) => `${key}: ${count}`).join(', ')}`); // biome-ignore format: one line

if (values.soak !== undefined) {
  const long = await soak(Number(values.soak));
  show('memory in MiB', long);
  process.exit(long.isFlat ? 0 : 1);
}
const flips = flipBytes(1, random);
show('every byte of a checkpoint changed', flips);
const operations = await killOperations();
show('a kill in every operation on files', operations);
const noDisks = whyNoDisks();
const tiny = noDisks === null ? await tinyDisks([8, 16, 24, 32, 40, 48, 64, 80, 100, 120]) : null;
if (tiny) show('tiny file systems', tiny);
else console.log(`tiny file systems: skipped, ${noDisks}`);
const together = await twoTogether(5, random);
show('two processes on one folder', together);
const threads = { resumed: 3, diverged: Number(!(await otherThreads(random))) };
show('other numbers of threads', threads);
const kills = await randomKills(Number(values.kills), random);
show('kills at random moments', kills);

const all = [operations, kills, tiny ?? { lost: 0, diverged: 0 }, together, { lost: 0, ...threads }];
const sum = (of: (one: { lost: number; diverged: number }) => number) =>
  all.reduce((total, one) => total + of(one), 0);
const [lost, diverged] = [sum((one) => one.lost), sum((one) => one.diverged)];
const [silent, unclear] = [flips.silent, flips.unclear + (tiny?.unclear ?? 0)];
console.log(`\nsilent: ${silent}, unclear: ${unclear}`);
console.log(`kills: ${kills.kills}, lost: ${lost}, diverged: ${diverged}`);
process.exitCode = lost + diverged + silent + unclear > 0 ? 1 : 0;
