import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pad } from '../../src/data/index.ts';

test('sequences are padded to the longest, and the mask says where', () => {
  const { tokens, keyPaddingMask } = pad([[5, 6], [7, 8, 9], []], 1);
  expect(tokens.toArray()).toEqual([[5, 6, 1], [7, 8, 9], [1, 1, 1]]); // biome-ignore format: rows
  expect(keyPaddingMask.toArray()).toEqual([[0, 0, 1], [0, 0, 0], [1, 1, 1]]); // biome-ignore format: rows
});

test('what is not masked is the sequence, in any batch', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(9)), { minLength: 1 }).filter((rows) => rows.flat().length > 0),
      (rows) => {
        const { tokens, keyPaddingMask } = pad(rows, 0);
        const mask = keyPaddingMask.toArray() as number[][];
        const kept = (tokens.toArray() as number[][]).map((row, b) =>
          row.filter((_, t) => mask[b]![t] === 0),
        );
        expect(kept).toEqual(rows);
      },
    ),
  );
});

test('nothing to pad is an error', () => {
  expect(() => pad([], 0)).toThrow('pad: at least one sequence has a token. got 0 sequences');
});
