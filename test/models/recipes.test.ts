import { beforeEach, describe, expect, test } from 'vitest';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { bloom, gpt2, llama, palm } from '../../models/recipes.ts';
import { backward } from '../../src/autograd/index.ts';
import { type LayerNorm, RMSNorm } from '../../src/nn/index.ts';
import { manualSeed, tensor } from '../../src/tensor/index.ts';

beforeEach(() => manualSeed(3));

/** The number of parameters, by the formula of the architecture. */
function parameterCount(options: GPTOptions): number {
  const { vocabSize: V, context: T, layers: L = 4, width: C = 128, heads: H = 4 } = options;
  const { headSize: D = C / H, keyValueHeads: G = H, hidden: F = 4 * C, bias = false } = options;
  const gates = options.activation === 'swiglu' ? 2 : 1;
  const norms = options.parallel ? 1 : 2;
  const norm = options.norm !== 'rmsNorm' && bias ? 2 * C : C;
  const attention = 2 * C * H * D + 2 * C * G * D + (bias ? H * D + 2 * G * D + C : 0);
  const feedForward = (gates + 1) * C * F + (bias ? gates * F + C : 0);
  const positions = (options.positions ?? 'learned') === 'learned' ? T * C : 0;
  const head = options.tiedHead === false ? V * C : 0;
  return V * C + positions + L * (attention + feedForward + norms * norm) + norm + head;
}

const recipes = { gpt2, llama, palm, bloom };
const small = { vocabSize: 13, context: 6, layers: 2, heads: 2, width: 20 };

describe.each(Object.entries(recipes))('%s', (_, recipe) => {
  test('builds, has the parameters of the formula, reads, and learns with all of them', () => {
    const options = recipe(small);
    const model = new GPT(options);
    expect(model.parameters().reduce((total, { size }) => total + size, 0)).toBe(parameterCount(options));
    const ids = (row: number[]) => tensor([row], { dtype: 'int32' });
    const loss = model.loss(ids([1, 2, 3, 4, 5, 6]), ids([2, 3, 4, 5, 6, 7]));
    expect(Math.abs(loss.item() - Math.log(13))).toBeLessThan(0.1); // small weights: nearly uniform
    backward(loss);
    const still = model.namedParameters().filter(([, { grad }]) => !grad!.data.some((x) => x !== 0));
    expect(still.map(([name]) => name)).toEqual([]);
    expect(model.generate([1], { maxTokens: 8 })).toHaveLength(9);
  });

  test('what is given wins', () => {
    const { activation, positions } = recipe({ activation: 'relu', positions: 'sinusoidal' });
    expect([activation, positions]).toEqual(['relu', 'sinusoidal']);
  });
});

test('at full size they have the parameters that their papers and checkpoints have', () => {
  expect(parameterCount(gpt2())).toBe(124_439_808);
  expect(parameterCount(llama())).toBe(6_738_415_616);
  expect(parameterCount(llama({ layers: 40, heads: 40, width: 5120 }))).toBe(13_015_864_320);
  expect(parameterCount(bloom())).toBe(559_214_592 - 2 * 1024); // without the norm of the embeddings
  const sizes = [
    { layers: 32, heads: 16, width: 4096 },
    { layers: 64, heads: 32, width: 8192 },
    { layers: 118, heads: 48, width: 18432 },
  ];
  const billions = sizes.map((size) => {
    const norms = (size.layers + 1) * size.width; // too few to matter, but for the last digit
    return ((parameterCount(palm(size)) - norms) / 1e9).toFixed(2);
  });
  expect(billions).toEqual(['8.63', '62.50', '540.35']);
});

test('LLaMA’s hidden width is ⅔ of 4·width, rounded up', () => {
  expect([4096, 5120, 6656, 8192].map((width) => llama({ width }).hidden)).toEqual([
    11008, 13824, 17920, 22016,
  ]);
  expect(llama({ width: 20, multipleOf: 8 }).hidden).toBe(56);
  expect(llama({ width: 24, multipleOf: 8 }).hidden).toBe(64);
  expect(() => llama({ multipleOf: 0 })).toThrow('llama: multipleOf is a whole number ≥ 1. got 0.');
});

test('each has its own norms', () => {
  const norms = Object.values(recipes).map((recipe) => {
    const { norm1 } = new GPT(recipe(small)).blocks.at(0)!;
    return norm1 instanceof RMSNorm ? norm1.eps : (norm1 as LayerNorm).bias !== null;
  });
  expect(norms).toEqual([true, 1e-6, false, true]);
});
