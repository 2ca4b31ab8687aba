import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Transformer, type TranslationBatch } from '../../models/transformer.ts';
import { Adam } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { pad } from '../../src/data/index.ts';
import { beamSearch } from '../../src/generation/index.ts';
import { crossEntropy, logSoftmax, select, slice, sum } from '../../src/ops/index.ts';
import { type FloatArray, manualSeed, randomStream, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(3));

const size = { vocabSize: 12, layers: 2, heads: 2, width: 16, hidden: 24, context: 16 };
const [START, STOP] = [1, 2];
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });
const evaluated = () => new Transformer(size).eval();

/**
 * A model that has half learned to write a source backwards, so that what it writes depends on all that it
 * reads.
 */
function trained(): Transformer {
  manualSeed(3);
  const model = new Transformer({ ...size, dropout: 0 });
  const optimizer = new Adam(model.parameters(), { lr: 5e-3 });
  const random = randomStream('rows');
  const digit = () => 3 + Math.floor(9 * random());
  for (let step = 0; step < 300; step++) {
    const sources = Array.from({ length: 16 }, () => Array.from({ length: 1 + (step % 5) }, digit));
    const backwards = sources.map((row) => row.toReversed());
    const target = ids(...backwards.map((row) => [START, ...row]));
    const loss = model.loss(
      { tokens: ids(...sources), target },
      ids(...backwards.map((row) => [...row, STOP])),
    );
    optimizer.zeroGrad();
    backward(loss);
    optimizer.step();
  }
  return model.eval();
}
const tokens = (maxLength: number) => fc.array(fc.integer({ min: 3, max: 11 }), { minLength: 1, maxLength });

/** Scores of the token after `written`, for one source, without padding or batch. */
function nextLogProbabilities(model: Transformer, source: number[], written: number[]): FloatArray {
  return noGrad(() => {
    const scores = model.forward({ tokens: ids(source), target: ids([START, ...written]) });
    return logSoftmax(select(select(scores, 0, 0), 0, -1)).toTypedArray() as FloatArray;
  });
}

function greedily(model: Transformer, source: number[], maxTokens: number): number[] {
  const written: number[] = [];
  while (written.length < maxTokens) {
    const scores = nextLogProbabilities(model, source, written);
    const best = scores.indexOf(Math.max(...scores));
    if (best === STOP) break;
    written.push(best);
  }
  return written;
}

describe('Transformer', () => {
  test('shares one embedding between source, target and output', () => {
    const names = evaluated().namedParameters().map(([name]) => name); // biome-ignore format: one line
    expect(names.filter((name) => !/^(en|de)coder/.test(name))).toEqual(['tokens.weight']);
  });

  test('starts near the loss of scores of variance 1: ln V + ½', () => {
    const model = new Transformer({ vocabSize: 500, layers: 1, heads: 4, width: 64 }).eval();
    const row = Array.from({ length: 40 }, (_, i) => 3 + 11 * i);
    const loss = model.loss({ tokens: ids(row), target: ids(row) }, ids(row.toReversed())).item();
    expect(Math.abs(loss - Math.log(500) - 0.5)).toBeLessThan(0.4);
  });

  test('padding changes nothing, whatever it holds', () => {
    const model = evaluated();
    fc.assert(
      fc.property(tokens(6), tokens(6), tokens(4), ([...source], target, filler) => {
        const alone = model.forward({ tokens: ids(source), target: ids(target) });
        const T = target.length;
        const padded: TranslationBatch = {
          tokens: ids([...source, ...filler]),
          keyPaddingMask: ids([...source.map(() => 0), ...filler.map(() => 1)]),
          target: ids([...target, ...filler]),
        };
        const scores = slice(model.forward(padded), { axis: 1, end: T });
        expectClose(scores, alone.toArray(), 1e-5);
        const [weights] = model.crossAttention(padded).toArray() as number[][][][];
        for (const row of weights!.flat()) expect(row.slice(source.length)).toEqual(filler.map(() => 0));
        const targets = ids([...target, ...filler.map(() => -100)]);
        const expected = crossEntropy(alone, ids(target), { labelSmoothing: 0.1 });
        expect(model.loss(padded, targets).item()).toBeCloseTo(expected.item(), 4);
      }),
      { numRuns: 20 },
    );
  });

  test('a position sees what was written before it, not after, and all of the source', () => {
    const model = evaluated();
    const source = [5, 6, 7];
    const scores = (target: number[], tokens = source) =>
      model.forward({ tokens: ids(tokens), target: ids(target) });
    const [a, b] = [scores([1, 3, 4, 5, 6]), scores([1, 3, 4, 9, 10])];
    const before = { axis: 1, end: 3 };
    expectClose(slice(a, before), slice(b, before).toArray(), 1e-6);
    expect(select(a, 1, 3).toArray()).not.toEqual(select(b, 1, 3).toArray());
    const other = scores([1, 3, 4, 5, 6], [5, 6, 8]);
    expect(select(a, 1, 0).toArray()).not.toEqual(select(other, 1, 0).toArray());
  });

  test('the order of the source counts', () => {
    const model = evaluated();
    const [a, b] = [[5, 6, 7], [7, 6, 5]].map((source) => nextLogProbabilities(model, source, [])); // biome-ignore format: one line
    expect(a).not.toEqual(b);
  });

  test('dropout is on in training only', () => {
    const model = new Transformer({ ...size, dropout: 0.5 });
    const batch = { tokens: ids([5, 6, 7]), target: ids([1, 4]) };
    expect(model.forward(batch).toArray()).not.toEqual(model.forward(batch).toArray());
    model.eval();
    expect(model.forward(batch).toArray()).toEqual(model.forward(batch).toArray());
  });

  test('bad input is an error, before anything is computed', () => {
    expect(() => new Transformer({ ...size, head: 2 } as typeof size)).toThrow(
      '"head". did you mean "heads"?',
    );
    expect(() => new Transformer({ ...size, heads: 3 })).toThrow('heads divide the width');
    expect(() => evaluated().encode({ tokens: ids(Array(17).fill(3)) })).toThrow(
      'to the context, 16. got (1, 17)',
    );
    expect(() => evaluated().encode({ tokens: tensor([3, 4], { dtype: 'int32' }) })).toThrow(
      'tokens are (B, T)',
    );
    expect(() => new Transformer({ ...size, labelSmoothing: 3 })).toThrow(
      'labelSmoothing lies in [0, 1]. got 3',
    );
    const search = { start: 1, stop: 2 };
    expect(() => evaluated().translate([], search)).toThrow('got (1, 0)');
    expect(() => evaluated().translate([3], { ...search, stop: 99 })).toThrow('stop is a token below');
    expect(() => evaluated().translate([3], { ...search, maxTokens: 17 })).toThrow(
      'to the context, 16. got 17',
    );
    const source = { tokens: ids([3, 4]) };
    expect(() => evaluated().translateAll(source, { ...search, maxTokens: Number.NaN })).toThrow('got NaN');
  });
});

describe('translating', () => {
  let model: Transformer;
  const sources = [[5, 6, 7, 3], [4], [11, 10, 9, 8, 7, 6], [3, 3]];
  beforeAll(() => {
    model = trained();
  });

  test('an unknown option is an error', () => {
    const options = { start: START, stop: STOP, maxToken: 5 } as { start: number; stop: number };
    expect(() => model.translate([3], options)).toThrow('did you mean "maxTokens"?');
    expect(() => model.translateAll({ tokens: ids([3]) }, options)).toThrow('did you mean "maxTokens"?');
  });

  test('greedily is the best token step by step, alone and in a padded batch', () => {
    const expected = sources.map((source) => greedily(model, source, 8));
    expect(new Set(expected.map((written) => written.length)).size).toBeGreaterThan(1);
    model.train();
    const search = { start: START, stop: STOP, maxTokens: 8 };
    expect(model.translateAll(pad(sources, 0), search)).toEqual(expected);
    expect(sources.map((source) => model.translate(source, search))).toEqual(expected);
    expect(model.training).toBe(true);
    model.eval();
  });

  test('a translation is cut at maxTokens, and ends before the stop token', () => {
    for (const source of sources) {
      const written = greedily(model, source, 8);
      const stop = written.at(-1) ?? STOP;
      const cases = [
        { search: { start: START, stop: STOP, maxTokens: 2 }, expected: written.slice(0, 2) },
        { search: { start: START, stop, maxTokens: 8 }, expected: written.slice(0, written.indexOf(stop)) },
      ];
      for (const { search, expected } of cases) {
        expect(model.translate(source, search)).toEqual(expected);
        expect(model.translateAll({ tokens: ids(source, source) }, search)).toEqual([expected, expected]);
      }
    }
  });

  test('with beams is a beam search over its own probabilities', () => {
    const search = { stop: STOP, maxTokens: 5, beams: 3, lengthPenalty: 0.6 };
    for (const source of sources) {
      const found = beamSearch({
        ...search,
        next: (prefixes) => prefixes.map((p) => nextLogProbabilities(model, source, [...p])),
      });
      const translated = found.tokens.filter((token) => token !== STOP);
      expect(model.translate(source, { start: START, ...search })).toEqual(translated);
    }
  });

  test('attention of a layer: one distribution over the source for each head and word', () => {
    const batch = { tokens: ids([5, 6, 7]), target: ids([1, 4, 9, 3]) };
    const [first, last] = [model.crossAttention(batch, 0), model.crossAttention(batch)];
    expect(last.shape).toEqual([1, size.heads, 4, 3]);
    expectClose(sum(last, -1), [[[1, 1, 1, 1], [1, 1, 1, 1]]], 1e-6); // biome-ignore format: one line
    expect(model.crossAttention(batch, 1).toArray()).toEqual(last.toArray());
    expect(first.toArray()).not.toEqual(last.toArray());
    expect(() => model.crossAttention(batch, 2)).toThrow('crossAttention: there are 2 layers. got layer 2.');
  });
});
