import { beforeEach, describe, expect, test } from 'vitest';
import { BERT, predicted } from '../../models/bert.ts';
import { BERTClassifier } from '../../models/bertClassifier.ts';
import { BERTEncoder, type BERTInputs } from '../../models/bertEncoder.ts';
import {
  AdamW,
  bertExclude,
  type DecayGroup,
  decayGroups,
  decayGroupsByDimension,
  decayGroupsByName,
} from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { inference, LayerNorm } from '../../src/nn/index.ts';
import { crossEntropy, gelu, select, slice, stochasticGelu, swiglu } from '../../src/ops/index.ts';
import { manualSeed, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(2));

const size = { vocabSize: 12, context: 8, layers: 2, heads: 2, width: 16, initStd: 0.2 };
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });
const labels = (...values: number[]) => tensor(values, { dtype: 'int32' });
const rows = (x: Tensor) => x.toArray() as number[][][];

/** Trains on one batch and returns the last loss. */
function overfit(model: BERT | BERTClassifier, loss: () => Tensor): number {
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 5e-3 });
  let last = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 80; step++) {
    const now = loss();
    optimizer.zeroGrad();
    backward(now);
    optimizer.step();
    last = now.item();
  }
  return last;
}

describe('what the encoder sees', () => {
  const encode = (model: BERTEncoder, inputs: BERTInputs) => noGrad(() => model.forward(inputs));

  test('padding changes nothing, whatever tokens stand there', () => {
    const model = new BERTEncoder(size).eval();
    const short = encode(model, { tokens: ids([1, 5, 6]), segments: ids([0, 0, 1]) });
    const padded = encode(model, {
      tokens: ids([1, 5, 6, 0, 9], [1, 7, 7, 7, 2]),
      segments: ids([0, 0, 1, 1, 0], [0, 0, 1, 1, 1]),
      keyPaddingMask: ids([0, 0, 0, 1, 1], [0, 0, 0, 0, 0]),
    });
    expectClose(select(padded.pooled, 0, 0), rows(short.pooled)[0]!, 1e-5, 'pooled');
    expectClose(
      select(slice(padded.hidden, { axis: 1, end: 3 }), 0, 0),
      rows(short.hidden)[0]!,
      1e-5,
      'hidden',
    );
  });

  test('every position sees every token, its place and its segment', () => {
    const model = new BERTEncoder(size).eval();
    const pooled = (tokens: number[], segments: number[]) =>
      encode(model, { tokens: ids(tokens), segments: ids(segments) }).pooled.toTypedArray();
    const start = pooled([1, 5, 6, 7], [0, 0, 1, 1]);
    const distance = (other: ArrayLike<number>) => Math.max(...start.map((x, i) => Math.abs(x - other[i]!)));
    expect(distance(pooled([1, 5, 6, 7], [0, 0, 1, 1]))).toBe(0);
    expect(distance(pooled([1, 5, 6, 8], [0, 0, 1, 1]))).toBeGreaterThan(1e-3); // the last token
    expect(distance(pooled([1, 6, 5, 7], [0, 0, 1, 1]))).toBeGreaterThan(1e-3); // the order
    expect(distance(pooled([1, 5, 6, 7], [0, 1, 1, 1]))).toBeGreaterThan(1e-3); // where the second sentence begins
  });

  test('segments are 0 if none are given', () => {
    const model = new BERTEncoder(size).eval();
    const tokens = ids([1, 2, 3]);
    const given = rows(encode(model, { tokens, segments: ids([0, 0, 0]) }).hidden);
    expect(rows(encode(model, { tokens }).hidden)).toEqual(given);
  });
});

describe('BERT', () => {
  test('starts with a truncated normal distribution of 0.02, biases 0, dropout 0.1 and eps 1e-12', () => {
    const model = new BERT({ vocabSize: 50, context: 8, width: 64 });
    for (const [name, { role, data }] of model.namedParameters()) {
      const largest = Math.max(...data.map(Math.abs));
      if (role === 'weight' || role === 'embedding') expect(largest, name).toBeLessThanOrEqual(0.04);
      else if (role === 'bias') expect(largest, name).toBe(0);
    }
    // The standard deviation of a normal distribution cut off at two of its own is 0.88 of it.
    const { data } = model.encoder.blocks.at(0)!.feedForward.expand.weight;
    const deviation = Math.sqrt(Array.from(data).reduce((total, x) => total + x * x, 0) / data.length);
    expect(deviation).toBeCloseTo(0.88 * 0.02, 3);
    expect([model.encoder.dropout.p, model.encoder.norm.eps, model.maskedHead.norm.eps]).toEqual([
      0.1, 1e-12, 1e-12,
    ]);
    for (const { attention, normPosition, norm1, norm2 } of model.encoder.blocks) {
      expect([attention.dropout.p, attention.causal, normPosition]).toEqual([0.1, false, 'post']);
      expect([norm1, norm2].map((layer) => layer instanceof LayerNorm && layer.eps)).toEqual([1e-12, 1e-12]);
    }
  });

  test('predicts only the words asked for, wherever they are in the batch', () => {
    const model = new BERT(size).eval();
    const tokens = ids([1, 2, 3], [4, 5, 6]);
    const logits = (...at: number[]) =>
      noGrad(() => model.forward({ tokens }, labels(...at)).words.toArray());
    const all = logits(0, 1, 2, 3, 4, 5) as number[][];
    expectClose(tensor(logits(4, 0) as number[][]), [all[4]!, all[0]!], 1e-6);
  });

  test('`predicted` finds what is not −100', () => {
    const { positions, words } = predicted(ids([-100, 7, -100], [0, -100, 9]));
    expect([positions.toArray(), words.toArray()]).toEqual([
      [1, 3, 5],
      [7, 0, 9],
    ]);
  });

  test('overfits one batch, both tasks at once', () => {
    const model = new BERT({ ...size, dropout: 0, activation: gelu, positionInit: 'sinusoidal' });
    const inputs = { tokens: ids([1, 3, 5, 2, 3, 2], [1, 4, 3, 2, 6, 2]), segments: ids([0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1]) }; // biome-ignore format: rows
    const targets = { tokens: ids([-100, 7, -100, -100, 8, -100], [-100, 9, 10, -100, -100, -100]), isNext: labels(1, 0) }; // biome-ignore format: rows
    expect(overfit(model, () => model.loss(inputs, targets))).toBeLessThan(0.05);
  });

  test('without words to predict, the loss is that of the next sentence', () => {
    const model = new BERT({ ...size, dropout: 0 });
    const [tokens, isNext] = [ids([1, 2, 3], [4, 5, 6]), labels(1, 0)];
    const logits = noGrad(() => model.forward({ tokens }, labels(0)).isNext);
    expect(model.loss({ tokens }, { isNext }).item()).toBe(crossEntropy(logits, isNext).item());
  });

  test('every parameter is trained by both tasks together', () => {
    const model = new BERT({ ...size, dropout: 0 });
    const tokens = ids([1, 2, 3, 4, 5, 6, 7, 8], [11, 10, 9, 8, 7, 6, 5, 4]);
    backward(model.loss({ tokens }, { tokens, isNext: labels(0, 1) }));
    const still = model.namedParameters().filter(([, { grad }]) => !grad!.data.some((x) => x !== 0));
    expect(still.map(([name]) => name)).toEqual([]);
  });

  test('dropout is on in training only', () => {
    const model = new BERT({ ...size, dropout: 0.5 });
    const once = () => noGrad(() => model.encoder.forward({ tokens: ids([1, 2, 3]) }).pooled.toArray());
    expect(once()).not.toEqual(once());
    model.eval();
    expect(once()).toEqual(once());
  });
});

describe('the head for masked words', () => {
  const logits = (model: BERT) =>
    noGrad(() => model.forward({ tokens: ids([1, 2, 3]) }, labels(1)).words.toArray());

  test('draws no random numbers in evaluation mode', () => {
    const model = new BERT({ ...size, dropout: 0, activation: stochasticGelu });
    expect(logits(model)).not.toEqual(logits(model));
    model.eval();
    expect(logits(model)).toEqual(logits(model));
  });

  test('has a wider layer for a gated activation', () => {
    const model = new BERT({ ...size, activation: swiglu });
    expect(model.maskedHead.transform.weight.shape).toEqual([32, 16]);
    expect(logits(model)).toHaveLength(1);
  });
});

test('inference gives every module its own mode back', () => {
  const model = new BERT(size);
  model.encoder.eval();
  inference(model, () => expect(model.training).toBe(false));
  expect([model.training, model.nextSentence.training, model.encoder.training]).toEqual([true, true, false]);
});

describe('the classifier', () => {
  test('trains the encoder it is given, and learns its labels', () => {
    const { encoder } = new BERT({ ...size, dropout: 0 });
    const model = new BERTClassifier(encoder, { classes: 3 });
    const before = encoder.tokens.weight.toTypedArray();
    const inputs = { tokens: ids([1, 3, 5], [1, 4, 5], [1, 5, 4]) };
    expect(overfit(model, () => model.loss(inputs, labels(2, 0, 1)))).toBeLessThan(0.05);
    expect(encoder.tokens.weight.toTypedArray()).not.toEqual(before);
  });

  test('drops as much as its encoder, unless told otherwise', () => {
    const encoder = new BERTEncoder({ ...size, dropout: 0.3 });
    expect(new BERTClassifier(encoder, { classes: 2 }).dropout.p).toBe(0.3);
    expect(new BERTClassifier(encoder, { classes: 2, dropout: 0 }).dropout.p).toBe(0);
  });
});

describe('weight decay', () => {
  const model = new BERT(size);
  const decayed = ([group]: readonly DecayGroup[]) =>
    model.namedParameters().flatMap(([name, parameter]) => (group!.params.includes(parameter) ? [name] : []));
  const byRole = decayed(decayGroups(model, { weightDecay: 0.01 }));

  test('the three rules agree: weights and embeddings decay', () => {
    expect(byRole.length).toBeGreaterThan(0);
    expect(byRole.every((name) => name.endsWith('.weight'))).toBe(true);
    expect(decayed(decayGroupsByName(model, { weightDecay: 0.01 }))).toEqual(byRole);
    expect(decayed(decayGroupsByDimension(model, { weightDecay: 0.01 }))).toEqual(byRole);
  });

  test('they differ on what they say: embeddings by role, gains by BERT’s patterns alone', () => {
    const without = decayed(decayGroups(model, { weightDecay: 0.01, embeddings: false }));
    expect(byRole.filter((name) => !without.includes(name))).toEqual(
      ['tokens', 'positions', 'segments'].map((table) => `encoder.${table}.weight`),
    );
    const more = decayed(decayGroupsByName(model, { weightDecay: 0.01, exclude: bertExclude }));
    const gains = model.namedParameters().filter(([, { role }]) => role === 'gain');
    expect(more.filter((name) => !byRole.includes(name))).toEqual(gains.map(([name]) => name));
  });
});

test.each<[string, () => unknown, string]>([
  ['too long', () => new BERT(size).encoder.forward({ tokens: ids([1, 2, 3, 4, 5, 6, 7, 8, 9]) }), 'to the context, 8. got (1, 9)'], // biome-ignore format: a table
  ['no batch axis', () => new BERT(size).encoder.forward({ tokens: labels(1, 2) }), 'tokens are (B, T)'],
  ['unknown token', () => new BERT(size).encoder.forward({ tokens: ids([12]) }), '12'],
  ['segments', () => new BERT(size).encoder.forward({ tokens: ids([1, 2]), segments: ids([0]) }), 'segments have the shape of the tokens, (1, 2). got (1, 1)'], // biome-ignore format: a table
  ['targets', () => new BERT(size).loss({ tokens: ids([1, 2]) }, { tokens: ids([1], [2]), isNext: labels(1) }), 'targets have the shape of the tokens, (1, 2). got (2, 1)'], // biome-ignore format: a table
  ['how positions start', () => new BERT({ ...size, positionInit: 'sinusodial' as 'sinusoidal' }), 'did you mean "sinusoidal"?'], // biome-ignore format: a table
  ['third segment', () => new BERT(size).encoder.forward({ tokens: ids([1]), segments: ids([2]) }), '[0, 2)'],
  ['nothing to predict', () => predicted(ids([-100, -100])), 'at least one token is to be predicted. got targets (1, 2), all −100'], // biome-ignore format: a table
  ['option', () => new BERT({ ...size, layer: 3 } as never), 'did you mean "layers"?'],
  ['size', () => new BERT({ ...size, segments: 0 }), 'segments is a whole number ≥ 1. got 0'],
  ['heads', () => new BERT({ ...size, heads: 3 }), 'heads divide the width'],
  ['classifier option', () => new BERTClassifier(new BERTEncoder(size), { class: 3 } as never), 'did you mean "classes"?'], // biome-ignore format: a table
  [
    'no classes',
    () => new BERTClassifier(new BERTEncoder(size), {} as never),
    'BERTClassifier: classes is given. got nothing.',
  ],
])('refuses bad input: %s', (_, use, message) => {
  expect(use).toThrow(message);
});
