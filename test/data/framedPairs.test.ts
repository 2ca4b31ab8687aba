import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framedPair, randomPair } from '../../src/data/index.ts';
import { manualSeed } from '../../src/tensor/index.ts';

const frame = { cls: 1, sep: 2 };
const ids = (...tokens: number[]) => Int32Array.from(tokens);

test('a pair is framed, and segments tell the sentences apart', () => {
  const { tokens, segments } = framedPair([7, 8], [9, 5, 6], frame);
  expect(tokens).toEqual(ids(1, 7, 8, 2, 9, 5, 6, 2));
  expect(segments).toEqual(ids(0, 0, 0, 0, 1, 1, 1, 1));
});

describe('randomPair', () => {
  /** Token 100·d + p is part p of document d, so a pair tells where it comes from. */
  const documents = fc
    .array(fc.integer({ min: 2, max: 6 }), { minLength: 2, maxLength: 8 })
    .map((lengths) => lengths.map((length, d) => Array.from({ length }, (_, p) => ids(100 * (d + 1) + p))));

  test('the first is the beginning of a document; the second the end, of the same one if and only if it is next', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (given, seed) => {
        manualSeed(seed);
        const { tokens, segments, isNext } = randomPair(given, frame);
        const content = (segment: number) =>
          [...tokens].filter((token, i) => token >= 100 && segments[i] === segment);
        const [first, second] = [content(0), content(1)];
        expect(tokens).toEqual(framedPair(first, second, frame).tokens);
        const whole = (token: number) => given[Math.floor(token / 100) - 1]!.flatMap((part) => [...part]);
        const [a, b] = [whole(first[0]!), whole(second[0]!)];
        expect(a.slice(0, first.length)).toEqual(first);
        expect(b.slice(-second.length)).toEqual(second);
        expect(Math.min(a.length - first.length, b.length - second.length)).toBeGreaterThanOrEqual(
          1 - Number(!isNext),
        );
        expect(a[0] === b[0]).toBe(isNext);
        if (isNext) expect([...first, ...second]).toEqual(a);
      }),
    );
  });

  test('half the pairs are next; documents, their rivals and cuts are equally likely', () => {
    manualSeed(4);
    const given = [1, 2, 3].map((d) => [0, 1, 2].map((p) => ids(100 * d + p)));
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const { tokens } = randomPair(given, frame);
      const key = tokens.filter((token) => token >= 100).join(' ');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // A next pair reads as its document wherever it was cut: 3 of 1/6. Others: 3·2 documents, 2·2 cuts, 1/48
    // each.
    expect(counts.size).toBe(3 + 24);
    for (const [key, count] of counts) {
      const p = ['100 101 102', '200 201 202', '300 301 302'].includes(key) ? 1 / 6 : 1 / 48;
      expect(Math.abs(count / 6000 - p), key).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 6000));
    }
  });

  test.each<[string, () => unknown, string]>([
    ['one document', () => randomPair([[ids(5), ids(6)]], frame), 'at least two documents. got 1'],
    [
      'a document that cannot be cut',
      () => randomPair([[ids(5)], [ids(6)]], frame),
      'at least two parts. got 1',
    ],
    [
      'a missing id',
      () =>
        randomPair(
          [
            [ids(5), ids(6)],
            [ids(7), ids(8)],
          ],
          { sep: 2 } as never,
        ),
      'randomPair: cls is given. got nothing.',
    ],
    ['an unknown option', () => randomPair([], { ...frame, seps: 1 } as never), 'did you mean "sep"?'],
  ])('refuses %s', (_, use, message) => {
    expect(use).toThrow(message);
  });
});
