import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleIndex, tokenDistribution } from '../../src/generation/index.ts';
import { manualSeed, randomStream } from '../../src/tensor/index.ts';

/** Scores of the distribution 0.4, 0.3, 0.2, 0.1, shifted: a shift must not matter. */
const probabilities = [0.2, 0.4, 0.1, 0.3];
const scores = Float64Array.from(probabilities, (p) => Math.log(p) + 7);

const expectDistribution = (got: Float64Array, expected: number[]) =>
  expected.map((p, i) => expect(got[i]).toBeCloseTo(p, 12));

describe('the distribution of the next token', () => {
  test('is the softmax of the scores', () => expectDistribution(tokenDistribution(scores), probabilities));

  test('temperature T raises probabilities to the power 1/T', () => {
    const squared = probabilities.map((p) => (p * p) / 0.3);
    expectDistribution(tokenDistribution(scores, { temperature: 0.5 }), squared);
    expectDistribution(tokenDistribution(scores, { temperature: 0 }), [0, 1, 0, 0]);
  });

  test('top-k keeps the k most probable', () => {
    expectDistribution(tokenDistribution(scores, { topK: 2 }), [0, 4 / 7, 0, 3 / 7]);
    expectDistribution(tokenDistribution(scores, { topK: 1 }), [0, 1, 0, 0]);
    expectDistribution(tokenDistribution(scores, { topK: 99 }), probabilities);
  });

  test('top-p keeps the smallest set that reaches p', () => {
    expectDistribution(tokenDistribution(scores, { topP: 0.69 }), [0, 4 / 7, 0, 3 / 7]);
    expectDistribution(tokenDistribution(scores, { topP: 0.71 }), [2 / 9, 4 / 9, 0, 3 / 9]);
    expectDistribution(tokenDistribution(scores, { topP: 0.1 }), [0, 1, 0, 0]);
  });

  test('of equally probable tokens, top-p keeps as many as it needs, the first ones; top-k keeps all', () => {
    const equal = Float64Array.of(0, 1, 1, 1, 1);
    expectDistribution(tokenDistribution(equal, { topK: 4, topP: 0.5 }), [0, 1 / 2, 1 / 2, 0, 0]);
    expectDistribution(tokenDistribution(equal, { topK: 4, topP: 0.51 }), [0, 1 / 3, 1 / 3, 1 / 3, 0]);
    expectDistribution(tokenDistribution(equal, { topK: 2 }), [0, 1 / 4, 1 / 4, 1 / 4, 1 / 4]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (scores, topP) => {
          const all = tokenDistribution(Float64Array.from(scores));
          const kept = tokenDistribution(Float64Array.from(scores), { topP });
          const inside = [...all].filter((_, i) => kept[i]! > 0);
          const outside = [...all].filter((_, i) => kept[i] === 0);
          const mass = inside.reduce((sum, q) => sum + q, 0);
          expect(mass).toBeGreaterThan(topP - 1e-12);
          expect(mass - Math.min(...inside)).toBeLessThan(topP + 1e-12); // one fewer would not do
          expect(Math.min(...inside)).toBeGreaterThanOrEqual(Math.max(0, ...outside));
        },
      ),
    );
  });

  test('top-p counts what top-k and temperature left', () => {
    // After top-k 3 the probabilities are 4/9, 3/9 and 2/9, so two of them reach 0.75.
    expectDistribution(tokenDistribution(scores, { topK: 3, topP: 0.75 }), [0, 4 / 7, 0, 3 / 7]);
  });

  test('draws follow the probabilities (χ², 3 degrees of freedom, 99.9 %)', () => {
    manualSeed(2);
    const random = randomStream('sample');
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[sampleIndex(Float64Array.from(probabilities), random)]!++;
    const chiSquare = probabilities.reduce(
      (sum, p, i) => sum + (counts[i]! - draws * p) ** 2 / (draws * p),
      0,
    );
    expect(chiSquare).toBeLessThan(16.27);
  });

  test('never draws what has probability 0', () => {
    expect(sampleIndex(Float64Array.of(0, 1, 0), Object.assign(() => 1 - 2 ** -53) as never)).toBe(1);
  });

  test.each([
    [{ temperature: -1 }, 'temperature ≥ 0. got -1'],
    [{ temperature: Number.NaN }, 'temperature ≥ 0. got NaN'],
    [{ topK: 0 }, 'topK is a whole number ≥ 1. got 0'],
    [{ topP: 1.5 }, 'topP lies in (0, 1]. got 1.5'],
    [{ topk: 5 }, 'did you mean "topK"?'],
  ])('refuses %o', (options, message) => {
    expect(() => tokenDistribution(scores, options as object)).toThrow(message);
  });

  test('refuses logits that are not numbers', () => {
    expect(() => tokenDistribution(Float64Array.of(Number.NaN, 1))).toThrow('the best logit is finite');
  });
});
