/** What is measured for the page, against what it should be. */
import { expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { SGD } from '../../optimizers/index.ts';
import { backward } from '../../src/autograd/index.ts';
import { measureStep } from '../../src/cli/watch/layers.ts';
import { firstLine, probeAttention } from '../../src/cli/watch/probe.ts';
import { thinned } from '../../src/cli/watch/thin.ts';
import { type Embedding, inference, type Parameter } from '../../src/nn/index.ts';
import { add } from '../../src/ops/index.ts';
import { arange, manualSeed, randomState, tensor } from '../../src/tensor/index.ts';
import { CharTokenizer } from '../../src/tokenizers/index.ts';
import { clipGradNorm } from '../../src/train/index.ts';
import { tinyBatch, tinyGpt } from '../support/tinyGpt.ts';

const lengthOf = (params: readonly Parameter[], of: (one: Parameter) => ArrayLike<number>) =>
  Math.sqrt(params.reduce((sum, one) => sum + Array.from(of(one)).reduce((total, x) => total + x * x, 0), 0));

test('the norm of a layer and the ratio of its update are those of plain gradient descent', () => {
  const model = tinyGpt();
  const lr = 0.1;
  const optimizer = new SGD([{ params: model.parameters(), weightDecay: 0 }], { lr });
  backward(model.loss(...tinyBatch()));
  const finish = measureStep(model);
  const norm = clipGradNorm(model.parameters(), Number.POSITIVE_INFINITY);
  const before = lengthOf(model.blocks.items[1]!.parameters(), (one) => one.toTypedArray());
  optimizer.step();
  const { gradientNorm, updateRatio } = finish();
  expect(Object.keys(gradientNorm)).toEqual(['tokens', 'positions', 'blocks.0', 'blocks.1', 'norm']);
  expect(Object.keys(updateRatio)).toEqual(Object.keys(gradientNorm));
  const all = Math.sqrt(Object.values(gradientNorm).reduce((sum, one) => sum + one * one, 0));
  expect(all / norm).toBeCloseTo(1, 4);
  const ofBlock = lengthOf(model.blocks.items[1]!.parameters(), (one) => one.grad!.toTypedArray());
  expect(gradientNorm['blocks.1']! / ofBlock).toBeCloseTo(1, 4);
  expect(updateRatio['blocks.1']! / ((lr * ofBlock) / before)).toBeCloseTo(1, 3);
});

test('what is not trained is left out, and zeros have moved by nothing that could be told', () => {
  const model = tinyGpt();
  for (const one of model.blocks.items[0]!.parameters()) one.requiresGrad = false;
  model.norm!.parameters()[0]!.data.fill(0);
  backward(model.loss(...tinyBatch()));
  const { gradientNorm, updateRatio } = measureStep(model)();
  expect(Object.keys(gradientNorm)).not.toContain('blocks.0');
  expect(updateRatio).toMatchObject({ 'blocks.1': 0, norm: 0 });
});

test('attention is that of each layer, without random numbers and without a trace', () => {
  const model = tinyGpt();
  const tokens = Int32Array.of(3, 1, 4, 1, 5, 9, 2);
  const [before, modes] = [randomState(), model.namedModules().map(([, { training }]) => training)];
  const { tokens: texts, layers } = probeAttention(model, tokens, (ids) => `<${ids}>`);
  expect(randomState()).toEqual(before);
  expect(model.namedModules().map(([, { training }]) => training)).toEqual(modes);
  expect(texts).toEqual(['<3>', '<1>', '<4>', '<1>', '<5>', '<9>', '<2>']);
  expect(layers.map(({ name }) => name)).toEqual(['blocks.0.attention', 'blocks.1.attention']);
  const expected = inference(model, () => {
    const block = model.blocks.items[0]!;
    const positions = (model.positions as Embedding).forward(arange(7));
    const x = add(model.tokens.forward(tensor([[...tokens]], { dtype: 'int32' })), positions);
    return block.attention.weights(block.norm1.forward(x)).toTypedArray();
  });
  const bytes = layers[0]!.heads.flatMap((head) => [...Buffer.from(head, 'base64')]);
  expect(bytes).toEqual(Array.from(expected, (weight) => Math.round(255 * weight)));
  for (const { attention } of model.blocks.items) expect(Object.hasOwn(attention, 'forward')).toBe(false);
});

test('a model whose attention fails is left as it was', () => {
  const model = new GPT({ vocabSize: 5, context: 4, layers: 1, heads: 1, width: 4 });
  expect(() => probeAttention(model, Int32Array.of(9), String)).toThrow();
  expect(Object.hasOwn(model.blocks.items[0]!.attention, 'forward')).toBe(false);
});

test('the probe is the first line, as far as there is room', () => {
  manualSeed(1);
  const text = `${'a line of words\n'.repeat(9)}`;
  const tokenizer = CharTokenizer.from(text);
  const decode = (ids: number[]) => tokenizer.decode(ids);
  const lineOf = (text: string, context = 100) =>
    decode([...firstLine(tokenizer.encode(text), { decode, context })]);
  expect(lineOf(text)).toBe('a line of words');
  expect(lineOf(text, 6)).toBe('a line');
  expect(lineOf(`\n${text}`, 8)).toBe('\na line '); // a line of nothing shows nothing
  expect(lineOf('a line of words '.repeat(9))).toHaveLength(48);
});

test('a report has so many lines that it stays small: numbers are means, the last line and texts are kept', () => {
  const metrics = Array.from({ length: 7001 }, (_, i) => ({ step: i + 1, loss: i }));
  const thin = thinned([...metrics, { step: 9, sample: 'a' }, { step: 9, validationLoss: 1 }]);
  expect(thin).toHaveLength(2334 + 2);
  expect(thin[0]).toEqual({ step: 2, loss: 0.5 });
  expect(thin[1]).toEqual({ step: 5, loss: 3 });
  expect(thin[2333]).toEqual({ step: 7001, loss: 6999 });
  expect(thin.slice(2334)).toEqual([
    { step: 9, sample: 'a' },
    { step: 9, validationLoss: 1 },
  ]);
  const pictures = Array.from({ length: 100 }, (_, step) => ({ step, attention: {} }));
  expect(thinned(pictures)).toHaveLength(12);
  expect(thinned(pictures).at(-1)!.step).toBe(99);
  expect(thinned(metrics.slice(0, 3000))).toEqual(metrics.slice(0, 3000));
});
