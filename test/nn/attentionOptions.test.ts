/** Options of attention that checkpoints of other projects need: head size, rotary base and layout, eps. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BERT } from '../../models/bert.ts';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { Transformer } from '../../models/transformer.ts';
import { gradcheck, gradcheckModule, noGrad } from '../../src/autograd/index.ts';
import {
  DecoderBlock,
  LayerNorm,
  MultiHeadAttention,
  RMSNorm,
  type TransformerBlock,
} from '../../src/nn/index.ts';
import { attentionWeights, linear, mul, permute, reshape, rotary, sum } from '../../src/ops/index.ts';
import { manualSeed, randn, setDefaultDtype, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(6));

const init = (shape: readonly number[]) => mul(randn(shape), 0.5);
const byHead = (x: Tensor, heads: number) => {
  const [B, T, C] = x.shape as [number, number, number];
  return reshape(x, [B, T, heads, C / heads]);
};

describe('a head size free of the width', () => {
  const options = { heads: 2, keyValueHeads: 1, headSize: 3, init };

  test('has its shapes, and right gradients', () => {
    const attention = new MultiHeadAttention(4, options);
    const shapes = attention.namedParameters().map(([name, { shape }]) => [name, ...shape]);
    expect(shapes).toEqual([
      ['query.weight', 6, 4],
      ['query.bias', 6],
      ['key.weight', 3, 4],
      ['key.bias', 3],
      ['value.weight', 3, 4],
      ['value.bias', 3],
      ['output.weight', 4, 6],
      ['output.bias', 4],
    ]);
    const [x, upstream] = [randn([2, 3, 4]), randn([2, 3, 4])];
    gradcheck((x) => attention.forward(x), [x]);
    gradcheckModule(attention, () => sum(mul(attention.forward(x), upstream)));
  });

  test('divides the scores by its own root', () => {
    const attention = new MultiHeadAttention(4, { heads: 2, headSize: 3, bias: false, init });
    const x = randn([1, 3, 4]);
    const heads = (weight: Tensor) => permute(byHead(linear(x, weight), 2), [0, 2, 1, 3]).toArray();
    const [q, k] = [attention.query.weight, attention.key.weight].map(heads) as number[][][][][];
    const weights = q![0]!.map((rows, h) =>
      rows.map((row) => {
        const scores = k![0]![h]!.map(
          (key) => row.reduce((all, a, d) => all + a * key[d]!, 0) / Math.sqrt(3),
        );
        const total = scores.reduce((all, score) => all + Math.exp(score), 0);
        return scores.map((score) => Math.exp(score) / total);
      }),
    );
    expectClose(attention.weights(x), [weights], 1e-12);
  });

  test('that is the usual one is the usual attention', () => {
    const make = (more: object) => {
      manualSeed(1);
      return new MultiHeadAttention(6, { heads: 2, ...more });
    };
    const x = randn([1, 2, 6]);
    expect(make({ headSize: 3 }).forward(x).toArray()).toEqual(make({}).forward(x).toArray());
  });

  test('is kept by a GPT and its cache, and by the blocks', () => {
    const model = new GPT({
      vocabSize: 9,
      context: 8,
      layers: 1,
      heads: 3,
      width: 8,
      headSize: 4,
      qkNorm: true,
    });
    expect(model.blocks.at(0)!.attention.output.weight.shape).toEqual([8, 12]);
    model.eval();
    const seen = [1];
    for (const token of model.stream([1], { maxTokens: 5, temperature: 0 })) {
      const logits = noGrad(() => model.forward(tensor([seen], { dtype: 'int32' })).toTypedArray()).slice(-9);
      expect(token).toBe(logits.indexOf(Math.max(...logits)));
      seen.push(token);
    }
    const block = new DecoderBlock(4, options);
    expect(block.crossAttention.query.weight.shape).toEqual([6, 4]);
    gradcheck((x, memory) => block.forward(x, { memory }), [randn([1, 2, 4]), randn([1, 3, 4])]);
  });
});

describe('rotary positions', () => {
  test.each(['interleaved', 'half'] as const)(
    'with a base and the layout %s are those of the op',
    (rotaryLayout) => {
      const options = {
        heads: 2,
        positions: 'rotary',
        rotaryBase: 50,
        rotaryLayout,
        bias: false,
        init,
      } as const;
      const attention = new MultiHeadAttention(8, options);
      const x = randn([1, 4, 8]);
      const turned = (weight: Tensor) =>
        permute(rotary(byHead(linear(x, weight), 2), { base: 50, layout: rotaryLayout }), [0, 2, 1, 3]);
      const expected = attentionWeights(turned(attention.query.weight), turned(attention.key.weight));
      expectClose(attention.weights(x), expected.toArray(), 1e-13);
      gradcheck((x) => attention.forward(x), [x]);
    },
  );

  test('of halves give PyTorch’s logits for reordered rows of query and key, as Hugging Face reorders them', () => {
    type Values = Parameters<typeof tensor>[0];
    interface Case {
      options: Partial<GPTOptions>;
      parameters: Record<string, Values>;
      tokens: Values;
      logits: Values;
    }
    const { size, family } = golden<{ size: GPTOptions; family: Case[] }>('gpt');
    const { options, parameters, tokens, logits } = family.find((one) => one.options.norm === 'rmsNorm')!;
    const model = new GPT({ ...size, ...options, rotaryLayout: 'half' });
    const D = size.width! / options.heads!;
    const state = Object.entries(parameters).map(([name, values]): [string, Tensor] => {
      const weight = tensor(values);
      if (!/attention\.(query|key)\.weight/.test(name)) return [name, weight];
      const [rows, C] = weight.shape as [number, number];
      return [name, reshape(permute(reshape(weight, [rows / D, D / 2, 2, C]), [0, 2, 1, 3]), [rows, C])];
    });
    model.loadStateDict(new Map(state));
    expectClose(model.forward(tensor(tokens, { dtype: 'int32' })), logits as never, 1e-9);
  });
});

test('eps is that of every norm', () => {
  const epsOf = (model: GPT | BERT | TransformerBlock) =>
    model
      .namedModules()
      .flatMap(([, part]) => (part instanceof LayerNorm || part instanceof RMSNorm ? [part.eps] : []));
  const size = { vocabSize: 5, context: 4, layers: 1, heads: 1, width: 4 };
  expect(epsOf(new GPT({ ...size, norm: 'rmsNorm', eps: 1e-3, qkNorm: true }))).toEqual(
    new Array(5).fill(1e-3),
  );
  expect(epsOf(new GPT({ ...size, eps: 1e-3, qkNorm: true }))).toEqual(new Array(5).fill(1e-3));
  expect(epsOf(new GPT({ ...size, qkNorm: true }))).toEqual([1e-5, 1e-6, 1e-6, 1e-5, 1e-5]);
  expect(epsOf(new BERT({ ...size, eps: 1e-3 }))).toEqual(new Array(4).fill(1e-3));
  expect(() => new GPT({ ...size, eps: -1 })).toThrow('LayerNorm: eps is a finite number ≥ 0. got -1.');
});

test('the width of the feed-forward network is free in every model', () => {
  const size = { vocabSize: 5, context: 4, layers: 1, heads: 1, width: 4 };
  const bert = new BERT({ ...size, hidden: 7 });
  expect(bert.encoder.blocks.at(0)!.feedForward.expand.weight.shape).toEqual([7, 4]);
  expect(new BERT(size).encoder.blocks.at(0)!.feedForward.expand.weight.shape).toEqual([16, 4]);
  const transformer = new Transformer({ ...size, hidden: 7 });
  for (const { feedForward } of [transformer.encoder.at(0)!, transformer.decoder.at(0)!])
    expect(feedForward.expand.weight.shape).toEqual([7, 4]);
  expect(() => new BERT({ ...size, hidden: 0 })).toThrow('FeedForward: hidden is a whole number ≥ 1. got 0.');
});

test.each<[string, object, string]>([
  ['a head size', { headSize: 0 }, 'headSize is a whole number ≥ 1. got 0.'],
  ['an odd head size', { headSize: 3, positions: 'rotary' }, 'so the head size is even. got 3.'],
  [
    'heads without a head size',
    { heads: 3 },
    'got width 8, heads 3. a headSize of its own frees them from it.',
  ],
  ['a base', { rotaryBase: 0 }, 'rotaryBase is a finite number > 0. got 0.'],
  ['a base that is no number', { rotaryBase: Number.NaN }, 'rotaryBase is a finite number > 0. got NaN.'],
  ['a layout', { rotaryLayout: 'halves' }, 'rotaryLayout is known. got "halves". did you mean "half"?'],
])('refuses %s', (_, options, message) => {
  expect(() => new MultiHeadAttention(8, { heads: 2, ...options })).toThrow(message);
});
