import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beamSearch, type Hypothesis } from '../../src/generation/index.ts';

const V = 3;
const STOP = 0;
const maxTokens = 4;

/** A language model as a table: ln p of the next token for every prefix, from random scores. */
type Model = (prefix: readonly number[]) => readonly number[];

const models = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 360, maxLength: 360 }).map(
  (scores): Model =>
    (prefix) => {
      const at = prefix.reduce((code, token) => code * (V + 1) + token + 1, 0) % (scores.length / V);
      const row = scores.slice(at * V, at * V + V);
      const logSum = Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0));
      return row.map((score) => score - logSum);
    },
);
const penalties = fc.constantFrom(0, 0.6, 1, 2);

const search = (model: Model, beams: number, lengthPenalty: number) =>
  beamSearch({ next: (prefixes) => prefixes.map(model), stop: STOP, maxTokens, beams, lengthPenalty });

/** Every sequence there is, with its score. */
function* sequences(
  model: Model,
  lengthPenalty: number,
  tokens: number[] = [],
  logP = 0,
): Generator<Hypothesis> {
  if (tokens.at(-1) === STOP || tokens.length === maxTokens) {
    yield { tokens, logProbability: logP, score: logP / ((5 + tokens.length) / 6) ** lengthPenalty };
  } else {
    for (const [token, p] of model(tokens).entries())
      yield* sequences(model, lengthPenalty, [...tokens, token], logP + p);
  }
}

describe('beamSearch', () => {
  test('with a beam as wide as all prefixes finds the best of all sequences', () => {
    fc.assert(
      fc.property(models, penalties, (model, lengthPenalty) => {
        const all = [...sequences(model, lengthPenalty)];
        expect(all).toHaveLength(1 + 2 + 4 + 8 * V);
        const best = Math.max(...all.map(({ score }) => score));
        const found = search(model, 100, lengthPenalty);
        expect(found.score).toBeCloseTo(best, 10);
        expect(all).toContainEqual(found);
      }),
    );
  });

  test('with one beam is greedy', () => {
    fc.assert(
      fc.property(models, penalties, (model, lengthPenalty) => {
        const tokens: number[] = [];
        while (tokens.at(-1) !== STOP && tokens.length < maxTokens) {
          const row = model(tokens);
          tokens.push(row.indexOf(Math.max(...row)));
        }
        expect(search(model, 1, lengthPenalty).tokens).toEqual(tokens);
      }),
    );
  });

  test('never asks for more prefixes than beams, nor for one that has ended', () => {
    fc.assert(
      fc.property(models, fc.integer({ min: 1, max: 5 }), (model, beams) => {
        const next = (prefixes: readonly (readonly number[])[]) => {
          expect(prefixes.length).toBeLessThanOrEqual(beams);
          for (const prefix of prefixes) expect(prefix).not.toContain(STOP);
          return prefixes.map(model);
        };
        beamSearch({ next, stop: STOP, maxTokens, beams });
      }),
    );
  });

  test('without a penalty takes the short sequence, with one the longer whose tokens are likelier', () => {
    const half = Math.log(0.5);
    const model: Model = (prefix) => (prefix.length === 0 ? [half, half - 0.001, -9] : [-0.1, -9, -9]);
    expect(search(model, 2, 0).tokens).toEqual([0]);
    expect(search(model, 2, 1).tokens).toEqual([1, 0]);
  });

  test.each([
    [{ beams: 0 }, 'beamSearch: beams is a whole number ≥ 1. got 0.'],
    [{ maxTokens: 1.5 }, 'maxTokens is a whole number ≥ 1. got 1.5.'],
    [{ lengthPenalty: -1 }, 'lengthPenalty ≥ 0. got -1.'],
    [{ beam: 4 }, 'got "beam". did you mean "beams"?'],
  ])('%j is an error', (options, message) => {
    expect(() => beamSearch({ next: () => [[0]], stop: STOP, ...options })).toThrow(message);
  });

  test.each([
    [[], 'for each prefix. got no numbers for 1 prefixes'],
    [[[]], 'for each prefix. got 0 numbers for 1 prefixes'],
    [[[Number.NaN, Number.NaN]], 'log probabilities are numbers. got NaN. did training diverge?'],
    [[[-1, Number.NaN]], 'log probabilities are numbers. got NaN. did training diverge?'],
  ])('%j for log probabilities is an error', (rows, message) => {
    expect(() => beamSearch({ next: () => rows, stop: STOP })).toThrow(message);
  });
});
