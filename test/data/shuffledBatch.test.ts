import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shuffled, shuffledBatch } from '../../src/data/shuffledBatch.ts';

const count = (length: number) => Int32Array.from({ length }, (_, i) => i);
const firsts = (tokens: Int32Array, index: number, seed = 1) =>
  (shuffledBatch(tokens, { batchSize: 4, context: 5, index, seed }).inputs.toArray() as number[][]).map(
    ([first]) => first!,
  );

test('a permutation of any size', () => {
  const sizes = fc.record({ size: fc.integer({ min: 1, max: 700 }), seed: fc.integer(), epoch: fc.nat(9) });
  fc.assert(
    fc.property(sizes, ({ size, seed, epoch }) => {
      const all = Array.from(count(size), (place) => shuffled(place, size, [seed, epoch]));
      expect(all.sort((a, b) => a - b)).toEqual([...count(size)]);
    }),
  );
});

test('is far from the order of places, and every number is as likely at each', () => {
  const hits = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
  for (let seed = 0; seed < 5000; seed++)
    for (let place = 0; place < 5; place++) hits[place]![shuffled(place, 5, [seed, 0])]!++;
  for (const hit of hits.flat()) expect(Math.abs(hit - 1000)).toBeLessThan(5 * Math.sqrt(1000 * 0.8));
  const big = Array.from(count(10_000), (place) => shuffled(place, 1e6, [7, 0]));
  const rising = big.filter((number, i) => i > 0 && number > big[i - 1]!).length;
  expect(Math.abs(rising - 5000)).toBeLessThan(200);
});

test('an epoch reads every window once, the next in another order, and a seed decides', () => {
  const tokens = count(5 * 12 + 1);
  const epoch = (first: number, seed?: number) => [0, 1, 2].flatMap((i) => firsts(tokens, first + i, seed));
  const all = Array.from(count(12), (i) => 5 * i);
  for (const first of [0, 3, 300]) expect(epoch(first).sort((a, b) => a - b)).toEqual(all);
  expect(epoch(0)).not.toEqual(epoch(3));
  expect(epoch(0)).not.toEqual(epoch(0, 2));
  expect(firsts(tokens, 7)).toEqual(firsts(tokens, 7));
});

test('targets follow the inputs, and errors come first', () => {
  const { inputs, targets } = shuffledBatch(count(30), { batchSize: 3, context: 4, index: 2, seed: 0 });
  const next = (inputs.toArray() as number[][]).map((row) => row.map((token) => token + 1));
  expect(targets.toArray()).toEqual(next);
  const options = { batchSize: 1, context: 4, index: 0, seed: 0 };
  expect(() => shuffledBatch(count(4), options)).toThrow('at least context + 1 = 5 tokens. got 4.');
  expect(() => shuffledBatch(count(9), { ...options, index: -1 })).toThrow(
    'index is a whole number ≥ 0. got -1.',
  );
  expect(() => shuffledBatch(count(9), { ...options, seed: 0.5 })).toThrow('seed is a whole number');
});
