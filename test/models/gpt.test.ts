import { beforeEach, describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { AdamW, decayGroups } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { sampleIndex, tokenDistribution } from '../../src/generation/index.ts';
import { type FloatArray, manualSeed, randomStream, tensor } from '../../src/tensor/index.ts';

beforeEach(() => manualSeed(2));

const size = { vocabSize: 12, context: 8, layers: 2, heads: 2, width: 16 };
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });

/** What `generate` must equal: the whole sequence read anew for every token, with no cache. */
function generateSlowly(model: GPT, prompt: number[], maxTokens: number): number[] {
  const random = randomStream('sample');
  const seen = [...prompt];
  for (let i = 0; i < maxTokens; i++) {
    const logits = noGrad(() => model.forward(ids(seen)).toTypedArray()).slice(-size.vocabSize) as FloatArray;
    seen.push(sampleIndex(tokenDistribution(logits), random));
  }
  return seen;
}

describe('GPT', () => {
  test('counts its parameters as nanoGPT does: 0.8 M at 4 layers of width 128', () => {
    const model = new GPT({ vocabSize: 65, context: 64, layers: 4, heads: 4, width: 128 });
    // 65·128 + 64·128 for embeddings, 4·(12·128² + 2·128) for blocks, 128 for the last norm
    expect(model.parameters().reduce((total, { size }) => total + size, 0)).toBe(804_096);
  });

  test('starts near the uniform loss, ln V', () => {
    const model = new GPT({ ...size, vocabSize: 100 });
    expect(Math.abs(model.loss(ids([1, 2, 3, 4]), ids([2, 3, 4, 5])).item() - Math.log(100))).toBeLessThan(
      0.1,
    );
  });

  test('starts with GPT-2’s deviations: 0.02, and 0.02/√(2·layers) where a residual branch ends', () => {
    const model = new GPT({ ...size, width: 64 });
    const deviation = (values: ArrayLike<number>) =>
      Math.sqrt(Array.from(values).reduce((total, value) => total + value * value, 0) / values.length);
    const { attention, feedForward } = model.blocks.at(0)!;
    expect(deviation(attention.query.weight.data)).toBeCloseTo(0.02, 3);
    expect(deviation(feedForward.expand.weight.data)).toBeCloseTo(0.02, 3);
    expect(deviation(attention.output.weight.data)).toBeCloseTo(0.01, 3);
    expect(deviation(feedForward.contract.weight.data)).toBeCloseTo(0.01, 3);
  });

  test('overfits one batch', () => {
    const model = new GPT({ ...size, dropout: 0 });
    const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 1e-2 });
    const [inputs, targets] = [
      ids([1, 2, 3, 4, 5, 6, 7, 8], [8, 1, 6, 3, 2, 0, 9, 11]),
      ids([3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8]),
    ];
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 120; step++) {
      const loss = model.loss(inputs, targets);
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
      last = loss.item();
    }
    expect(last).toBeLessThan(0.01);
  });

  test.each([
    ['pre-norm, tied', {}],
    [
      'post-norm, own head, biases, ReLU',
      { normPosition: 'post', tiedHead: false, bias: true, activation: 'relu' },
    ],
    [
      'rotary, multi-query, QK-norm, RMS norm',
      { positions: 'rotary', keyValueHeads: 1, qkNorm: true, norm: 'rmsNorm' },
    ],
    ['ALiBi, squared ReLU', { positions: 'alibi', activation: 'squaredRelu' }],
    ['sinusoidal, GeGLU', { positions: 'sinusoidal', activation: 'geglu' }],
    ['a window, rotary, grouped queries', { window: 3, positions: 'rotary', keyValueHeads: 1, initStd: 0.4 }],
    ['a window under ALiBi’s costs', { window: 2, positions: 'alibi', initStd: 0.4 }],
    ['parallel branches, capped logits', { parallel: true, logitCap: 0.1, initStd: 0.4 }],
  ] as const)('generation with the cache equals reading everything anew (%s)', (_, options) => {
    const model = new GPT({ ...size, ...options }).eval();
    manualSeed(7);
    const slow = generateSlowly(model, [3, 1], 6);
    manualSeed(7);
    expect(model.generate([3, 1], { maxTokens: 6 })).toEqual(slow);
  });

  test('goes on past the context, from its later half, and takes prompts longer than it', () => {
    const model = new GPT(size).eval();
    expect(model.generate([1], { maxTokens: 30 })).toHaveLength(31);
    expect(model.generate(new Array(20).fill(2), { maxTokens: 3 }).slice(0, 20)).toEqual(
      new Array(20).fill(2),
    );
    // Once the window is full, only its last half counts: here 6, 7, 8 and the first new token.
    const prompt = [1, 2, 3, 4, 5, 6, 7, 8];
    const [first, second] = [...model.stream(prompt, { maxTokens: 2, temperature: 0 })];
    expect(model.generate([6, 7, 8, first!], { maxTokens: 1, temperature: 0 }).at(-1)).toBe(second);
  });

  test('stops after the stop token, and leaves training mode as it was', () => {
    const model = new GPT(size);
    const all = model.generate([1], { maxTokens: 40 });
    manualSeed(2);
    const model2 = new GPT(size);
    const stop = all[3]!;
    const first = all.indexOf(stop, 1);
    expect(model2.generate([1], { maxTokens: 40, stop })).toEqual(all.slice(0, first + 1));
    expect(model2.training).toBe(true);
    expect(model2.blocks.at(0)!.training).toBe(true);
  });

  test('greedy generation is the argmax', () => {
    const model = new GPT(size).eval();
    const logits = noGrad(() => model.forward(ids([5, 6])).toArray()) as number[][][];
    const best = logits[0]![1]!.indexOf(Math.max(...logits[0]![1]!));
    expect(model.generate([5, 6], { maxTokens: 1, temperature: 0 })).toEqual([5, 6, best]);
  });

  test.each<[string, (model: GPT) => unknown, string]>([
    [
      'too long',
      (model) => model.forward(ids([1, 2, 3, 4, 5, 6, 7, 8, 9])),
      'from 1 to the context, 8. got (1, 9)',
    ],
    ['unknown token', (model) => model.forward(ids([12])), '12'],
    ['no batch axis', (model) => model.forward(tensor([1, 2], { dtype: 'int32' })), 'tokens are (B, T)'],
    ['empty prompt', (model) => model.generate([]), 'the prompt has at least one token'],
    ['heads', () => new GPT({ ...size, heads: 3 }), 'heads divide the width'],
    ['option', () => new GPT({ ...size, layer: 3 } as never), 'did you mean "layers"?'],
    [
      'key–value heads',
      () => new GPT({ ...size, keyValueHeads: 3 }),
      'keyValueHeads divide the heads. got heads 2, keyValueHeads 3',
    ],
    ['positions', () => new GPT({ ...size, positions: 'rotory' as 'rotary' }), 'did you mean "rotary"?'],
    ['norm', () => new GPT({ ...size, norm: 'rmsNrm' as 'rmsNorm' }), 'did you mean "rmsNorm"?'],
    [
      'the position of the norms for their kind',
      () => new GPT({ ...size, norm: 'pre' } as never),
      'normLayer: the norm is known. got "pre".',
    ],
    ['the kind of norms by its old name', () => new GPT({ ...size, normLayer: 'rmsNorm' } as never), 'GPT: every option is known. got "normLayer". known: '], // biome-ignore format: a table
    ['size', () => new GPT({ ...size, vocabSize: 0 }), 'vocabSize is a whole number ≥ 1. got 0'],
    ['activation', () => new GPT({ ...size, activation: 'swigloo' as 'swiglu' }), 'did you mean "swiglu"?'],
  ])('refuses bad input: %s', (_, use, message) => {
    expect(() => use(new GPT(size))).toThrow(message);
  });
});
