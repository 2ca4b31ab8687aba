import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CtcBeamOptions, ctcBeamSearch, ctcCollapse, ctcGreedy } from '../../src/generation/index.ts';

/** Log probabilities of V classes at each of T frames, from random scores; some probabilities are 0. */
const frames = fc
  .record({ V: fc.integer({ min: 2, max: 4 }), T: fc.integer({ min: 1, max: 5 }) })
  .chain(({ V, T }) => {
    const score = fc.oneof({ weight: 9, arbitrary: fc.double({ min: -4, max: 4, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(-Infinity) }); // biome-ignore format: one line
    const row = fc
      .array(score, { minLength: V - 1, maxLength: V - 1 })
      .map((scores) => normalized([0, ...scores]));
    return fc.array(row, { minLength: T, maxLength: T });
  });

function normalized(scores: readonly number[]): number[] {
  const logSum = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
  return scores.map((score) => score - logSum);
}

/** Every path there is, with its probability. */
function paths(rows: readonly (readonly number[])[]): { path: number[]; p: number }[] {
  return rows.reduce(
    (found, row) =>
      found.flatMap(({ path, p }) =>
        row.map((logP, symbol) => ({ path: [...path, symbol], p: p * Math.exp(logP) })),
      ),
    [{ path: [] as number[], p: 1 }],
  );
}

/** Symbols → the sum over all paths that spell them. */
function sums(rows: readonly (readonly number[])[], blank: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const { path, p } of paths(rows)) {
    const spelled = `${ctcCollapse(path, blank)}`;
    found.set(spelled, (found.get(spelled) ?? 0) + p);
  }
  return found;
}

test('a path spells what is left when repeats are merged and then blanks dropped', () => {
  expect(ctcCollapse([0, 1, 1, 0, 1, 2, 2, 0])).toEqual([1, 1, 2]);
  expect(ctcCollapse([2, 2, 1, 0, 1], 1)).toEqual([2, 0]);
  expect(ctcCollapse([])).toEqual([]);
});

describe('against all paths', () => {
  test('greedy spells the most probable path', () => {
    fc.assert(
      fc.property(frames, fc.nat(1), (rows, blank) => {
        const all = paths(rows);
        const most = Math.max(...all.map(({ p }) => p));
        const best = all.filter(({ p }) => p >= most * (1 - 1e-12)); // several, where probabilities are equal
        expect(best.map(({ path }) => ctcCollapse(path, blank))).toContainEqual(ctcGreedy(rows, blank));
      }),
    );
  });

  test('a beam as wide as all prefixes finds the symbols with the largest sum, and that sum', () => {
    fc.assert(
      fc.property(frames, fc.nat(1), (rows, blank) => {
        const all = sums(rows, blank);
        const found = ctcBeamSearch(rows, { beams: 10_000, blank });
        expect(Math.exp(found.logProbability)).toBeCloseTo(Math.max(...all.values()), 12);
        expect(all.get(`${found.symbols}`)).toBeCloseTo(Math.exp(found.logProbability), 12);
      }),
      { numRuns: 300 },
    );
  });

  test('a narrow beam counts no path twice, and none that is not there', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 3 }), (rows, beams) => {
        const { symbols, logProbability } = ctcBeamSearch(rows, { beams });
        expect(Math.exp(logProbability)).toBeLessThanOrEqual(sums(rows, 0).get(`${symbols}`)! + 1e-12);
      }),
    );
  });
});

test('many paths together beat the best one', () => {
  const rows = [[Math.log(0.6), Math.log(0.4)], [Math.log(0.6), Math.log(0.4)]]; // biome-ignore format: rows
  expect(ctcGreedy(rows)).toEqual([]); // 0.36; but 1·, ·1 and 11 together have 0.64
  const { symbols, logProbability } = ctcBeamSearch(rows);
  expect(symbols).toEqual([1]);
  expect(Math.exp(logProbability)).toBeCloseTo(0.64, 12);
});

test('a thousand frames neither underflow nor take long', () => {
  const rows = Array.from({ length: 1000 }, (_, t) =>
    normalized([0, t % 4 === 0 ? 3 : -3, t % 4 === 2 ? 3 : -3]),
  );
  const { symbols, logProbability } = ctcBeamSearch(rows, { beams: 4 });
  expect(symbols).toEqual(ctcGreedy(rows));
  expect(logProbability).toBeGreaterThan(-1000);
});

test('nothing heard spells nothing', () => {
  expect(ctcGreedy([])).toEqual([]);
  expect(ctcBeamSearch([])).toEqual({ symbols: [], logProbability: 0 });
});

test.each([
  [{ beams: 0 }, 'ctcBeamSearch: beams is a whole number ≥ 1. got 0.'],
  [{ blank: -1 }, 'blank is a whole number ≥ 0. got -1.'],
  [{ blank: 2 }, 'the blank is one of the 2 classes. got 2.'],
  [{ beam: 3 }, 'did you mean "beams"?'],
])('%j is an error', (options, message) => {
  expect(() => ctcBeamSearch([[0, -1]], options as CtcBeamOptions)).toThrow(message);
});

test('frames of several widths or with NaN are errors', () => {
  expect(() => ctcBeamSearch([[0, Number.NaN]])).toThrow('log probabilities are numbers. got NaN at frame 0');
  expect(() => ctcGreedy([[Number.NaN, 0]])).toThrow(
    'ctcGreedy: log probabilities are numbers. got NaN at frame 0',
  );
  expect(() => ctcGreedy([[0, -1], [0]])).toThrow(
    'every frame has 2 classes, as the first. got 1 at frame 1.',
  );
});
