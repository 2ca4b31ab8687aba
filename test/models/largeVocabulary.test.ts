/** Models with a large vocabulary: the logits of a batch are never all in memory. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { BERT } from '../../models/bert.ts';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { Transformer } from '../../models/transformer.ts';
import { backward } from '../../src/autograd/index.ts';
import { kernels } from '../../src/kernels/index.ts';
import { lora } from '../../src/nn/index.ts';
import { crossEntropy } from '../../src/ops/index.ts';
import { manualSeed, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(3));

const [B, T, V] = [8, 40, 2 ** 14]; // 320 positions, 5 Mi logits
const ids = (factor: number) =>
  tensor(
    Array.from({ length: B }, (_, b) => Array.from({ length: T }, (_, t) => (b * T + t) * factor % V)),
    { dtype: 'int32' },
  ); // biome-ignore format: shorter
const [inputs, targets] = [ids(31), ids(57)];
const size = { vocabSize: V, context: T, layers: 1, heads: 1, width: 8 };
const gpt = (options: Partial<GPTOptions> = {}) => new GPT({ ...size, initStd: 0.3, ...options });

/** The most logits that one call of the kernel gets while `use` runs. */
function mostLogits(use: () => Tensor): number {
  const calls = vi.spyOn(kernels, 'crossEntropy');
  onTestFinished(() => void vi.restoreAllMocks());
  backward(use());
  return Math.max(...calls.mock.calls.map(([, , , logits]) => logits.length));
}

test.each([true, false])('GPT, head tied %s: loss and gradients are those of all logits', (tiedHead) => {
  const model = gpt({ tiedHead });
  const plain = crossEntropy(model.forward(inputs), targets);
  const expected = plain.item();
  backward(plain);
  const gradients = model.namedParameters().map(([, { grad }]) => grad!.toArray());
  model.zeroGrad();
  let loss = Number.NaN;
  const most = mostLogits(() => {
    const blocks = model.loss(inputs, targets);
    loss = blocks.item();
    return blocks;
  });
  expect(most).toBe(128 * V);
  expect(loss).toBeCloseTo(expected, 5);
  for (const [i, [name, { grad }]] of model.namedParameters().entries())
    expectClose(grad!, gradients[i]!, 1e-5, name);
});

test('GPT with a bound or an adapter of the head counts them in', () => {
  const capped = gpt({ logitCap: 2 });
  expect(capped.loss(inputs, targets).item()).toBe(crossEntropy(capped.forward(inputs), targets).item());
  const adapted = lora(gpt({ tiedHead: false }), { targets: ['head'] });
  for (const parameter of adapted.head!.adapter!.parameters()) parameter.data.fill(0.1);
  expect(adapted.loss(inputs, targets).item()).toBe(crossEntropy(adapted.forward(inputs), targets).item());
});

test('BERT', () => {
  const bert = new BERT({ ...size, initStd: 0.3, dropout: 0 });
  const isNext = tensor(new Array(B).fill(1), { dtype: 'int32' });
  const tokens = tensor(targets.toArray(), { dtype: 'int32' });
  expect(mostLogits(() => bert.loss({ tokens: inputs }, { tokens, isNext }))).toBe(128 * V);
});

test('Transformer', () => {
  const model = new Transformer({ ...size, dropout: 0 });
  const smoothed = { labelSmoothing: model.options.labelSmoothing };
  const batch = { tokens: inputs, target: ids(3) };
  const expected = crossEntropy(model.forward(batch), targets, smoothed).item();
  expect(mostLogits(() => model.loss(batch, targets))).toBe(128 * V);
  expect(model.loss(batch, targets).item()).toBeCloseTo(expected, 5);
});
