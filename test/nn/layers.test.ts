import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gradcheck, gradcheckModule, noGrad } from '../../src/autograd/index.ts';
import { KeyValueCache } from '../../src/generation/index.ts';
import {
  Activation,
  activationNames,
  Dropout,
  Embedding,
  FeedForward,
  LayerNorm,
  Linear,
  MultiHeadAttention,
  PReLU,
  TransformerBlock,
} from '../../src/nn/index.ts';
import { concat, geglu, mul, relu, select, slice, sum } from '../../src/ops/index.ts';
import { manualSeed, randn, setDefaultDtype, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(4));

const time = (x: Tensor, start: number, end?: number) => slice(x, { axis: 1, start, ...(end && { end }) });

describe('gradients through layers, from the input', () => {
  test.each([
    ['LayerNorm without gain', () => new LayerNorm(6, { gain: false })],
    ['PReLU, one slope for each channel', () => new PReLU(6)],
    ['FeedForward', () => new FeedForward(6, { activation: relu })],
    ['FeedForward, gated', () => new FeedForward(6, { activation: 'swiglu', hidden: 5 })],
    ['FeedForward with a layer as activation', () => new FeedForward(6, { activation: new PReLU() })],
    ['MultiHeadAttention, causal', () => new MultiHeadAttention(6, { heads: 3, causal: true })],
    ['TransformerBlock, pre-norm', () => new TransformerBlock(6, { heads: 2 })],
    [
      'TransformerBlock, post-norm',
      () => new TransformerBlock(6, { heads: 2, normPosition: 'post', causal: true }),
    ],
  ])('%s', (_, make) => {
    const layer = make();
    gradcheck((x) => layer.forward(x), [randn([2, 3, 6])]);
  });

  test('every parameter of a post-norm block agrees with differences', () => {
    const block = new TransformerBlock(4, { heads: 2, normPosition: 'post' });
    const [x, upstream] = [randn([1, 3, 4]), randn([1, 3, 4])];
    const loss = () => sum(mul(block.forward(x), upstream));
    gradcheckModule(block, loss, { atol: 5e-7, rtol: 5e-7 });
  });
});

describe('MultiHeadAttention', () => {
  test('causal: a position does not see later ones', () => {
    const attention = new MultiHeadAttention(8, { heads: 2, causal: true });
    const x = randn([1, 5, 8]);
    const changed = concat([time(x, 0, 3), randn([1, 2, 8])], 1);
    const [a, b] = [attention.forward(x), attention.forward(changed)];
    expectClose(time(a, 0, 3), time(b, 0, 3).toArray(), 1e-14);
    expect(select(a, 1, 3).toArray()).not.toEqual(select(b, 1, 3).toArray());
  });

  test('a padded key changes nothing, wherever it is and whatever it holds', () => {
    const attention = new MultiHeadAttention(8, { heads: 2 });
    const [x, padding] = [randn([2, 4, 8]), randn([2, 1, 8])];
    const memory = concat([time(x, 0, 1), padding, time(x, 1)], 1);
    const keyPaddingMask = tensor([[0, 1, 0, 0, 0], [0, 1, 0, 0, 0]], { dtype: 'int32' }); // biome-ignore format: rows
    expectClose(attention.forward(x, { memory, keyPaddingMask }), attention.forward(x).toArray(), 1e-13);
  });

  test('its weights are a distribution over keys, and with the values give the output', () => {
    const attention = new MultiHeadAttention(4, { heads: 1, bias: false });
    const [x, memory] = [randn([1, 2, 4]), randn([1, 3, 4])];
    const weights = attention.weights(x, { memory });
    expect(weights.shape).toEqual([1, 1, 2, 3]);
    expectClose(sum(weights, -1), [[[1, 1]]], 1e-14);
    const values = attention.value.forward(memory);
    const mixed = (t: number, c: number) =>
      [0, 1, 2].reduce((total, s) => total + weights.array.get(0, 0, t, s)! * values.array.get(0, s, c)!, 0);
    const expected = tensor([[0, 1].map((t) => [0, 1, 2, 3].map((c) => mixed(t, c)))]);
    expectClose(attention.forward(x, { memory }), attention.output.forward(expected).toArray(), 1e-13);
  });

  test('with a cache, one position at a time equals all at once', () => {
    const attention = new MultiHeadAttention(8, { heads: 2, causal: true }).eval();
    const x = randn([1, 6, 8]);
    const whole = attention.forward(x);
    noGrad(() => {
      const cache = new KeyValueCache([1, 2, 6, 4]);
      const pieces = [time(x, 0, 3), time(x, 3, 4), time(x, 4)].map((piece) =>
        attention.forward(piece, { cache }),
      );
      expectClose(concat(pieces, 1), whole.toArray(), 1e-13);
      expect(() => attention.forward(time(x, 5), { cache })).toThrow('positions fit the capacity, 6. got 7');
    });
  });
});

test.each([
  ['heads', () => new MultiHeadAttention(10, { heads: 3 }), 'heads divide the width. got width 10, heads 3'],
  ['turned pairs', () => new MultiHeadAttention(9, { heads: 3, positions: 'rotary' }), 'so the head size is even. got 3.'], // biome-ignore format: a table
  ['an option of a block', () => new TransformerBlock(8, { heads: 2, activations: 'relu' } as never), 'TransformerBlock: every option is known. got "activations". did you mean "activation"?'], // biome-ignore format: a table
  ['an option', () => new MultiHeadAttention(8, { heads: 2, head: 1 } as never), 'did you mean "heads"?'],
  [
    'a shape',
    () => new MultiHeadAttention(8, { heads: 2 }).forward(randn([3, 8])),
    'is (B, T, C). got (3, 8)',
  ],
  [
    'a choice',
    () => new TransformerBlock(8, { heads: 2, normPosition: 'prae' as 'pre' }),
    'did you mean "pre"?',
  ],
  ['a size', () => new Linear(0, 3), 'inputs is a whole number ≥ 1. got 0'],
  ['a token', () => new Embedding(5, 3).forward(tensor([7], { dtype: 'int32' })), '7'],
  ['an activation', () => new FeedForward(4, { activation: 'gelo' as 'gelu' }), 'did you mean "gelu"?'],
  ['a probability', () => new Dropout(1), 'p lies in [0, 1). got 1'],
])('layers refuse bad input: %s', (_, make, message) => {
  expect(make).toThrow(message);
});

describe('activations and dropout', () => {
  test('every name gives its function, and gated ones halve the last axis', () => {
    expect(activationNames()).toEqual(expect.arrayContaining(['gelu', 'relu', 'silu', 'swiglu', 'tanh']));
    for (const name of activationNames()) {
      const activation = new Activation(name);
      expect(activation.forward(randn([2, 6])).shape, name).toEqual([2, activation.gated ? 3 : 6]);
    }
    expect(new Activation(geglu).gated).toBe(true);
    expect(new FeedForward(6, { activation: geglu }).expand.weight.shape).toEqual([48, 6]);
  });

  test('dropout acts in training only, anew each time, and keeps the mean', () => {
    const dropout = new Dropout(0.25);
    const x = tensor(new Float64Array(40_000).fill(1));
    const [a, b] = [dropout.forward(x).toArray(), dropout.forward(x).toArray()] as [number[], number[]];
    expect(new Set(a)).toEqual(new Set([0, 1 / 0.75]));
    expect(a).not.toEqual(b);
    expect(Math.abs(a.reduce((total, value) => total + value, 0) / a.length - 1)).toBeLessThan(0.015);
    expect(dropout.eval().forward(x)).toBe(x);
  });
});
