import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BERT, GPT, Transformer, ViT } from '../../models/index.ts';
import { AdamW, checkPartition, describeGroups, layerDecayGroups } from '../../optimizers/index.ts';
import type { Module } from '../../src/nn/module.ts';

const size = { vocabSize: 5, context: 4, heads: 1, width: 4 };

/** The exponent e of the rate lr·decayᵉ, by the name of each parameter. */
function exponents(model: Module, options = {}): Record<string, number> {
  const groups = layerDecayGroups(model, { lr: 8, decay: 0.5, weightDecay: 0.1, ...options });
  const rates = new Map(
    groups.flatMap(({ params, lr }) => params.map((parameter) => [parameter, lr] as const)),
  );
  return Object.fromEntries(model.namedParameters().map(([name, p]) => [name, Math.log2(8 / rates.get(p)!)]));
}

test('block i of n has the rate lr·decay^(n − 1 − i), the embeddings lr·decay^n, what follows lr', () => {
  const cases = fc.record({
    layers: fc.integer({ min: 1, max: 12 }),
    decay: fc.double({ min: 0.1, max: 1, noNaN: true }),
    lr: fc.double({ min: 1e-5, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ layers, decay, lr }) => {
      const model = new GPT({ ...size, layers, tiedHead: false, bias: true });
      const groups = layerDecayGroups(model, { lr, decay, weightDecay: 0.1 });
      checkPartition(model, groups);
      const optimizer = new AdamW(groups, { lr });
      for (const [name, parameter] of model.namedParameters()) {
        const group = optimizer.groups.find(({ params }) => params.includes(parameter))!;
        const block = /^blocks\.(\d+)/.exec(name);
        const below = block ? layers - 1 - Number(block[1]) : parameter.role === 'embedding' ? layers : 0;
        expect(group.lr / (lr * decay ** below), name).toBeCloseTo(1, 12);
        expect(group.weightDecay, name).toBe(['bias', 'gain'].includes(parameter.role) ? 0 : 0.1);
      }
    }),
    { numRuns: 20 },
  );
});

test('what a model has before its blocks learns as slowly as embeddings, whatever it is', () => {
  const vit = new ViT({ imageSize: 8, patchSize: 4, classes: 3, layers: 2, width: 4, heads: 1 });
  expect(exponents(vit)).toMatchObject({
    classToken: 2,
    positions: 2,
    'blocks.0.norm1.gain': 1,
    'head.weight': 0,
  });
  const bert = exponents(new BERT({ ...size, layers: 3 }));
  expect(bert).toMatchObject({
    'encoder.segments.weight': 3,
    'encoder.norm.gain': 3,
    'encoder.pooler.weight': 0,
  });
});

test('an encoder and a decoder count from their own last blocks', () => {
  const rates = exponents(new Transformer({ vocabSize: 5, layers: 2, width: 4, heads: 1 }));
  for (const part of ['encoder', 'decoder'])
    expect([0, 1].map((i) => rates[`${part}.${i}.feedForward.expand.weight`])).toEqual([1, 0]);
  expect(rates['tokens.weight']).toBe(2);
});

test('groups have names to read, and blocks names of their own', () => {
  const model = new GPT({ ...size, layers: 1, positions: 'rotary' });
  const options = { lr: 1, decay: 0.5, weightDecay: 0.1 };
  expect(
    describeGroups(layerDecayGroups(model, options))
      .split('\n')
      .map((line) => line.split(':')[0]),
  ).toEqual(['depth0', 'depth1', 'depth1 no decay']);
  const halves = layerDecayGroups(new GPT({ ...size, layers: 4 }), {
    ...options,
    blocks: /(\d+)\.attention/,
  });
  expect(halves.map(({ lr }) => lr)).toEqual(expect.arrayContaining([0.0625, 0.125, 0.25, 0.5, 1]));
});

const model = new GPT({ ...size, layers: 1 });
const options = { lr: 1, decay: 0.5, weightDecay: 0 };

// biome-ignore format: a table
test.each<[string, () => unknown, string]>([
  ['a decay of 0', () => layerDecayGroups(model, { ...options, decay: 0 }), 'layerDecayGroups: decay lies in (0, 1]. got 0.'],
  ['a decay of a word', () => layerDecayGroups(model, { ...options, decay: '0.5' as never }), 'layerDecayGroups: decay is a finite number ≥ 0. got "0.5".'],
  ['a negative rate', () => layerDecayGroups(model, { ...options, lr: -1 }), 'layerDecayGroups: lr is a finite number ≥ 0. got -1.'],
  ['no blocks', () => layerDecayGroups(model.blocks, options), 'layerDecayGroups: the model has numbered blocks. got ["0.norm1.gain", '],
  ['a pattern without a number', () => layerDecayGroups(model, { ...options, blocks: /blocks/ }), 'layerDecayGroups: the first group of blocks is a number. got undefined.'],
  ['a word for a pattern', () => layerDecayGroups(model, { ...options, blocks: 'blocks' as never }), 'layerDecayGroups: blocks is a regular expression. got "blocks".'],
  ['parameters', () => layerDecayGroups(model.parameters() as never, options), 'layerDecayGroups: the model is a module, with namedParameters().'],
])('%s is an error', (_, call, message) => {
  expect(call).toThrow(message);
});
