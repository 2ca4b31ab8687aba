import { beforeEach, describe, expect, test } from 'vitest';
import { LSTMLanguageModel } from '../../models/lstm.ts';
import { AdamW, decayGroups } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { sampleIndex, tokenDistribution } from '../../src/generation/index.ts';
import { LSTMState } from '../../src/nn/index.ts';
import { concat, slice } from '../../src/ops/index.ts';
import { type FloatArray, manualSeed, randomStream, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(2));

const size = { vocabSize: 12, width: 8, hidden: 16, layers: 2 };
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });

/** What `generate` must equal: the whole sequence read anew for every token, with no state carried. */
function generateSlowly(model: LSTMLanguageModel, prompt: number[], maxTokens: number): number[] {
  const random = randomStream('sample');
  const seen = [...prompt];
  for (let i = 0; i < maxTokens; i++) {
    const scores = noGrad(() => model.forward(ids(seen)).toTypedArray()).slice(-size.vocabSize) as FloatArray;
    seen.push(sampleIndex(tokenDistribution(scores), random));
  }
  return seen;
}

describe('LSTMLanguageModel', () => {
  test.each([
    ['own head', {}],
    ['tied head, zoneout and dropout, which evaluation turns off', { width: 16, tiedHead: true, dropout: 0.3, zoneoutCell: 0.5 }],
  ])('generation with carried states equals reading everything anew (%s)', (_, options) => {
    const model = new LSTMLanguageModel({ ...size, ...options }).eval();
    manualSeed(7);
    const slow = generateSlowly(model, [3, 1], 8);
    manualSeed(7);
    expect(model.train().generate([3, 1], { maxTokens: 8 })).toEqual(slow);
    expect(model.layers.at(0)!.training).toBe(true);
  }); // biome-ignore format: one case in a line

  test('with states, a text read in two parts has the scores of the whole', () => {
    const model = new LSTMLanguageModel(size);
    const text = ids([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
    const states = model.emptyStates(2);
    const parts = [slice(text, { axis: 1, end: 2 }), slice(text, { axis: 1, start: 2 })];
    const scores = noGrad(() => concat(parts.map((part) => model.forward(part, states)), 1));
    expectClose(scores, model.forward(text).toArray(), 1e-6);
  }); // biome-ignore format: one line

  test('learns to remember: overfits a batch whose last targets are the first tokens', () => {
    const model = new LSTMLanguageModel(size);
    const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 3e-2 });
    const inputs = ids([1, 5, 5, 5, 5, 6], [2, 5, 5, 5, 5, 6]);
    const unscored = new Array<number>(5).fill(-100);
    const targets = ids([...unscored, 1], [...unscored, 2]);
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 150; step++) {
      const loss = model.loss(inputs, targets);
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
      last = loss.item();
    }
    expect(last).toBeLessThan(0.1); // ln 2 without memory
  });

  test('layers get the zoneout, and every parameter is found under its name', () => {
    const model = new LSTMLanguageModel({ ...size, zoneoutHidden: 0.1, zoneoutCell: 0.2 });
    for (const layer of model.layers) expect([layer.zoneoutHidden, layer.zoneoutCell]).toEqual([0.1, 0.2]);
    const shapes = Object.fromEntries(model.namedParameters().map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      'tokens.weight': [12, 8],
      'layers.0.weightIH': [64, 8],
      'layers.0.weightHH': [64, 16],
      'layers.0.bias': [64],
      'layers.1.weightIH': [64, 16],
      'layers.1.weightHH': [64, 16],
      'layers.1.bias': [64],
      'head.weight': [12, 16],
      'head.bias': [12],
    });
  });

  test.each<[string, () => unknown, string]>([
    [
      'no batch axis',
      () => new LSTMLanguageModel(size).forward(tensor([1, 2], { dtype: 'int32' })),
      'tokens are (B, T)',
    ],
    [
      'too few states',
      () => new LSTMLanguageModel(size).forward(ids([1]), [new LSTMState([1, 16])]),
      'one state of shape (1, 16) for each of 2 layers. got (1, 16). make them with emptyStates(B)',
    ],
    ['unknown token', () => new LSTMLanguageModel(size).forward(ids([12])), '12'],
    [
      'tied head',
      () => new LSTMLanguageModel({ ...size, tiedHead: true }),
      'got hidden 16, width 8. make them equal',
    ],
    ['option', () => new LSTMLanguageModel({ ...size, layer: 3 } as never), 'did you mean "layers"?'],
    [
      'size',
      () => new LSTMLanguageModel({ ...size, vocabSize: 0 }),
      'vocabSize is a whole number ≥ 1. got 0',
    ],
    [
      'probability',
      () => new LSTMLanguageModel({ ...size, zoneoutHidden: 1 }),
      'zoneoutHidden lies in [0, 1). got 1',
    ],
  ])('refuses bad input: %s', (_, use, message) => {
    expect(use).toThrow(message);
  });
});

test('what a loss refuses leaves the states as they were', () => {
  const model = new LSTMLanguageModel({ vocabSize: 5, width: 4, hidden: 4, layers: 2 });
  const states = model.emptyStates(1);
  model.loss(ids([1, 2]), ids([2, 3]), states);
  const before = states.map(({ h, c }) => [h.toArray(), c.toArray()]);
  const bad: [Tensor, Tensor, string][] = [
    [ids([1, 2]), ids([2, 5]), 'LSTMLanguageModel: targets lie in [0, 5) or are −100. got 5.'],
    [ids([1, 2]), ids([2, -1]), 'targets lie in [0, 5) or are −100. got -1.'],
    [
      ids([1, 2]),
      ids([2]),
      'targets are int32 and have the shape of the tokens, (1, 2). got int32 of shape (1, 1).',
    ],
    [
      ids([1, 2]),
      tensor([[1, 2]]),
      'targets are int32 and have the shape of the tokens, (1, 2). got float32 of shape (1, 2).',
    ],
    [ids([1, 5]), ids([1, 2]), 'token out of range: 5'],
  ];
  for (const [tokens, targets, message] of bad) {
    expect(() => model.loss(tokens, targets, states)).toThrow(message);
    expect(states.map(({ h, c }) => [h.toArray(), c.toArray()])).toEqual(before);
  }
  expect(Number.isFinite(model.loss(ids([1, 2]), ids([-100, 4]), states).item())).toBe(true);
});
