import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { randomBatch, split, windows } from '../../src/data/tokens.ts';
import { manualSeed, randomState, randomStream } from '../../src/tensor/index.ts';

/** Tokens that tell their own position. */
const count = (length: number) => Int32Array.from({ length }, (_, i) => i);

beforeEach(() => manualSeed(1));

describe('split', () => {
  test('the last share is for validation, and nothing is lost', () => {
    const { train, validation } = split(count(10), 0.1);
    expect([...train, ...validation]).toEqual([...count(10)]);
    expect(validation).toEqual(Int32Array.of(9));
    expect(split(count(10), 0.9).train).toEqual(Int32Array.of(0)); // 10·(1 − 0.9) is 0.99… in floating point
  });

  test.each([0, 1, -0.1, 10, Number.NaN])('refuses the share %d', (share) => {
    expect(() => split(count(100), share)).toThrow(
      `split: the share for validation lies between 0 and 1. got ${share}.`,
    );
  });

  test('refuses a split with an empty part', () => {
    expect(() => split(count(3), 0.1)).toThrow('got 3 for training and 0 for validation.');
    expect(() => split(count(1), 0.5)).toThrow('at least one token');
  });
});

describe('randomBatch', () => {
  test('targets are the tokens that follow the inputs', () => {
    const { inputs, targets } = randomBatch(count(50), { batchSize: 7, context: 5 });
    expect([inputs.shape, targets.shape, inputs.dtype, targets.dtype]).toEqual([
      [7, 5],
      [7, 5],
      'int32',
      'int32',
    ]);
    const rows = inputs.toArray() as number[][];
    for (const row of rows) expect(row).toEqual([...count(5)].map((i) => row[0]! + i));
    expect(targets.toArray()).toEqual(rows.map((row) => row.map((token) => token + 1)));
  });

  test('every start is equally likely, the first and the last included', () => {
    const { inputs } = randomBatch(count(8), { batchSize: 6000, context: 4 });
    const hits = [0, 0, 0, 0];
    for (const [start] of inputs.toArray() as number[][]) hits[start!]!++;
    for (const hit of hits) expect(Math.abs(hit - 1500)).toBeLessThan(4 * Math.sqrt(1500 * 0.75));
  });

  test('comes from the stream "batch", or from the stream given', () => {
    const draw = (options = {}) =>
      randomBatch(count(1000), { batchSize: 4, context: 3, ...options }).inputs.toArray();
    const first = draw();
    expect(draw()).not.toEqual(first);
    manualSeed(1);
    randomStream('dropout')();
    expect(draw()).toEqual(first);
    manualSeed(1);
    expect(draw({ random: randomStream('other') })).not.toEqual(first);
    expect(Object.keys(randomState().streams)).toEqual(['other']);
  });

  test('the shortest text has one window', () => {
    const { inputs, targets } = randomBatch(count(4), { batchSize: 2, context: 3 });
    expect([inputs.toArray(), targets.toArray()]).toEqual([
      [[0, 1, 2], [0, 1, 2]],
      [[1, 2, 3], [1, 2, 3]],
    ]); // biome-ignore format: rows
  });

  test('errors', () => {
    const tokens = count(8);
    expect(() => randomBatch(tokens, { batchSize: 1, context: 8 })).toThrow(
      'randomBatch: there are at least context + 1 = 9 tokens. got 8. take a longer text or a smaller context.',
    );
    expect(() => randomBatch(tokens, { batchSize: 0, context: 2 })).toThrow(
      'batchSize is a whole number ≥ 1. got 0.',
    );
    expect(() => randomBatch(tokens, { batchSize: 1, context: 2.5 })).toThrow(
      'context is a whole number ≥ 1. got 2.5.',
    );
    expect(() => randomBatch(tokens, { batchSize: 1 } as never)).toThrow('context is given. got nothing.');
    expect(() => randomBatch(tokens, { batchSize: 1, contxt: 2 } as never)).toThrow(
      'did you mean "context"?',
    );
  });
});

describe('windows', () => {
  test('an example by hand: 8 tokens, T = 4, stride 2', () => {
    const batches = [...windows(count(8), { context: 4, stride: 2, batchSize: 2 })];
    expect(batches.map(({ inputs, targets, scored }) => [inputs.toArray(), targets.toArray(), scored])).toEqual([
      [[[0, 1, 2, 3], [2, 3, 4, 5]], [[1, 2, 3, 4], [-100, -100, 5, 6]], 6],
      [[[3, 4, 5, 6]], [[-100, -100, -100, 7]], 1],
    ]); // biome-ignore format: rows
  });

  test('every target counts exactly once, in order, with at least T − stride tokens of history', () => {
    const sizes = fc
      .record({ context: fc.integer({ min: 1, max: 12 }), batchSize: fc.integer({ min: 1, max: 4 }) })
      .chain((some) => fc.record({
        length: fc.integer({ min: some.context + 1, max: 60 }),
        stride: fc.integer({ min: 1, max: some.context }),
        context: fc.constant(some.context),
        batchSize: fc.constant(some.batchSize),
      })); // biome-ignore format: two levels
    fc.assert(
      fc.property(sizes, ({ length, ...options }) => {
        const { context, stride, batchSize } = options;
        const counted: number[] = [];
        let total = 0;
        for (const { inputs, targets, scored } of windows(count(length), options)) {
          expect(inputs.shape[0]).toBeLessThanOrEqual(batchSize);
          total += scored;
          (targets.toArray() as number[][]).forEach((row, b) => {
            const input = (inputs.toArray() as number[][])[b]!;
            row.forEach((target, t) => {
              expect(input[t]).toBe(input[0]! + t);
              if (target === -100) return;
              expect(target).toBe(input[t]! + 1);
              if (input[0] !== 0) expect(t).toBeGreaterThanOrEqual(context - stride);
              counted.push(target);
            });
          });
        }
        expect(counted).toEqual([...count(length)].slice(1));
        expect(total).toBe(length - 1);
      }),
      { numRuns: 300 },
    );
  });

  test('by default windows do not overlap and come one by one', () => {
    const batches = [...windows(count(7), { context: 3 })];
    expect(batches.map(({ inputs, scored }) => [inputs.toArray(), scored])).toEqual([
      [[[0, 1, 2]], 3],
      [[[3, 4, 5]], 3],
    ]);
  });

  test('errors come with the call, not with the first batch', () => {
    const tokens = count(8);
    expect(() => windows(tokens, { context: 8 })).toThrow(
      'windows: there are at least context + 1 = 9 tokens. got 8.',
    );
    expect(() => windows(tokens, { context: 4, stride: 5 })).toThrow(
      'stride is at most context (else targets are skipped). got stride 5 for context 4.',
    );
    expect(() => windows(tokens, { context: 4, stride: 0 })).toThrow('stride is a whole number ≥ 1. got 0.');
    expect(() => windows(tokens, { context: 4, batchSize: 1.5 })).toThrow(
      'batchSize is a whole number ≥ 1. got 1.5.',
    );
    expect(() => windows(tokens, { context: 4, strides: 2 } as never)).toThrow('did you mean "stride"?');
  });
});
