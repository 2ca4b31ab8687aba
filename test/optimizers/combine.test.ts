import { describe, expect, test } from 'vitest';
import { Conformer, ConvBackbone, DETR, GPT, LSTMLanguageModel } from '../../models/index.ts';
import {
  AdamW,
  checkPartition,
  combine,
  decayGroups,
  Lion,
  Muon,
  type SavedTensors,
  SGD,
  splitMatrices,
  warmupCosine,
} from '../../optimizers/index.ts';
import { randomBatch } from '../../src/data/index.ts';
import { lora } from '../../src/nn/index.ts';
import type { Module } from '../../src/nn/module.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { manualSeed, randn, randomState, restoreRandomState, Tensor } from '../../src/tensor/index.ts';
import { decodeCheckpoint, encodeCheckpoint, Trainer } from '../../src/train/index.ts';

const makeParameters = () => {
  manualSeed(1);
  return [[3, 2], [2], [4, 4]].map((shape) => new Parameter(randn(shape), { role: 'weight' }));
};
const setGradients = (parameters: Parameter[], step: number) => {
  for (const p of parameters)
    p.grad = Tensor.over(
      p.data.map((w) => Math.sin(3 * w + step)),
      p.shape,
    );
};
const [a, b, c] = makeParameters() as [Parameter, Parameter, Parameter];

test('a combination steps as its optimizers do alone, and clears their gradients', () => {
  const [alone, together] = [makeParameters(), makeParameters()];
  const make = ([x, y, z]: Parameter[]) =>
    [new Muon([x!, z!], { lr: 0.1 }), new AdamW([y!], { lr: 0.01 })] as const;
  const separate = make(alone);
  const combined = combine(...make(together));
  for (let step = 0; step < 4; step++) {
    setGradients(alone, step);
    setGradients(together, step);
    for (const optimizer of separate) optimizer.step();
    combined.step();
  }
  for (const [i, { data }] of together.entries()) expect(data).toEqual(alone[i]!.data);
  expect(combined.steps).toBe(4);
  expect(combined.groups.map(({ params }) => params)).toEqual([[together[0], together[2]], [together[1]]]);
  combined.zeroGrad();
  expect(together.map(({ grad }) => grad)).toEqual([null, null, null]);
});

describe('the learning rate', () => {
  test('moves all and keeps their ratios, also through 0, and in combinations of combinations', () => {
    const [muon, adamW, lion] = [
      new Muon([a], { lr: 0.02 }),
      new AdamW([b], { lr: 1e-3 }),
      new Lion([c], { lr: 0.02 }),
    ];
    const optimizer = combine(combine(muon, adamW), lion);
    const rates = () => [optimizer, muon, adamW, lion].map(({ lr }) => lr);
    expect(rates()).toEqual([0.02, 0.02, 1e-3, 0.02]);
    optimizer.lr = 0;
    expect(rates()).toEqual([0, 0, 0, 0]);
    optimizer.lr = 0.5;
    expect(rates()).toEqual([0.5, 0.5, 0.025, 0.5]);
    expect(() => Object.assign(optimizer, { lr: -1 })).toThrow('combine: lr is a finite number ≥ 0. got -1.');
  });
});

describe('a run of Muon and AdamW', () => {
  const tokens = Int32Array.from({ length: 500 }, (_, i) => (i * i + (i >> 3)) % 9);
  const makeRun = (startStep: number, steps: number) => {
    manualSeed(5);
    const model = new GPT({ vocabSize: 9, context: 8, layers: 1, heads: 2, width: 16, dropout: 0.1 });
    const { matrices, rest } = splitMatrices(model);
    const optimizer = combine(
      new Muon(matrices.parameters(), { lr: 0.02 }),
      new AdamW(decayGroups(rest, { weightDecay: 0.1 }), { lr: 3e-3 }),
    );
    const schedule = warmupCosine({ peak: 0.02, warmup: 2, steps: 10 });
    const nextBatch = () => randomBatch(tokens, { batchSize: 4, context: 8 });
    const losses: number[] = [];
    const hooks = [({ loss }: { loss: number }) => void losses.push(loss)];
    const trainer = new Trainer({ model, optimizer, schedule, nextBatch, steps, startStep, hooks });
    return { model, optimizer, trainer, losses };
  };

  test('goes on from a checkpoint to the bits of one that never stopped', async () => {
    const whole = makeRun(0, 8);
    await whole.trainer.run();
    const first = makeRun(0, 3);
    await first.trainer.run();
    const saved = decodeCheckpoint(
      encodeCheckpoint({
        step: 3,
        model: first.model.stateDict(),
        optimizer: { ...first.optimizer.stateDict() },
        random: randomState(),
        info: {},
      }),
    );
    const second = makeRun(saved.step, 8);
    second.model.loadStateDict(saved.model);
    second.optimizer.loadStateDict(saved.optimizer);
    restoreRandomState(saved.random);
    await second.trainer.run();
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expect(second.model.stateDict()).toEqual(whole.model.stateDict());
    expect(second.optimizer.stateDict()).toEqual(whole.optimizer.stateDict());
  });
});

describe('a state', () => {
  const make = (parameters: Parameter[], lr = 0.1) =>
    combine(
      new Lion(parameters.slice(0, 1), { lr: 0.3 }),
      new SGD(parameters.slice(1), { momentum: 0.9, lr }),
    );
  const trained = (lr?: number, steps = 1) => {
    const parameters = makeParameters();
    const optimizer = make(parameters, lr);
    for (let step = 0; step < steps; step++) {
      setGradients(parameters, step);
      optimizer.step();
    }
    return optimizer;
  };
  const good = trained(0.2).stateDict();
  const without = new Map([...good.tensors].filter(([name]) => name !== '1.0.momentum'));

  test('holds the ratios of the rates', () => {
    const optimizer = make(makeParameters());
    optimizer.loadStateDict(good);
    optimizer.lr = 3;
    expect(optimizer.optimizers.map(({ lr }) => lr)).toEqual([3, 2]);
  });

  // biome-ignore format: a table
  test.each<[string, SavedTensors, string]>([
    ['of one optimizer', new SGD([a]).stateDict(), 'combine, loadStateDict: the state has tensors, and optimizers and lrScales for 2. got { kind: "SGD"'],
    ['of fewer', { ...good, optimizers: good.optimizers.slice(1) } as SavedTensors, 'optimizers and lrScales for 2.'],
    ['in another order', { ...good, optimizers: [...good.optimizers].reverse() } as SavedTensors, 'Lion.loadStateDict: the state is that of Lion. got the state of SGD.'],
    ['that lacks a tensor of the last', { ...good, tensors: without }, 'SGD.loadStateDict: state 0.momentum is float32 of shape (2). got nothing.'],
  ])('%s is refused, and nothing changes', (_, state, message) => {
    const optimizer = trained(0.1, 2);
    const before = optimizer.stateDict();
    expect(() => optimizer.loadStateDict(state)).toThrow(message);
    expect(optimizer.stateDict()).toEqual(before);
  });
});

// biome-ignore format: a table
test.each<[string, () => unknown, string]>([
  ['nothing', () => combine(), 'combine: the arguments are optimizers. got none. write combine(new Muon(…), new AdamW(…)).'],
  ['a list', () => combine([new SGD([a])] as never), 'combine: the arguments are optimizers. got [SGD].'],
  ['a parameter in two', () => combine(new Muon([a]), new AdamW([b, a])), 'combine: each parameter has one optimizer. got the same Parameter of shape (3, 2) in Muon 0, all and AdamW 1, all.'],
  ['a base of 0', () => combine(new SGD([a], { lr: 0 }), new SGD([b])), 'combine: learning rates are multiples of the first. got 0.001 over 0.'],
])('%s is an error', (_, call, message) => {
  expect(call).toThrow(message);
});

describe('splitMatrices', () => {
  const size = { vocabSize: 5, width: 8, heads: 2, layers: 1 };
  const namesIn = (model: Module, options = {}) => {
    const { matrices, rest } = splitMatrices(model, options);
    checkPartition(model, [{ params: matrices.parameters() }, { params: rest.parameters() }]);
    for (const { role, rank } of matrices.parameters()) expect([role, rank]).toEqual(['weight', 2]);
    return [matrices, rest].map((part) => part.namedParameters().map(([name]) => name)) as [
      string[],
      string[],
    ];
  };

  test('leaves out what is frozen', () => {
    const model = lora(new GPT({ ...size, context: 4 }), { rank: 2, targets: ['value'] });
    const { matrices, rest } = splitMatrices(model);
    const names = matrices.namedParameters().map(([name]) => name);
    expect(names).toEqual(['A', 'B'].map((part) => `blocks.0.attention.value.adapter.${part}`));
    expect(rest.parameters()).toEqual([]);
  });

  test('takes the matrices of the blocks, and leaves tables, vectors and the head', () => {
    const [matrices, rest] = namesIn(new GPT({ ...size, context: 4, tiedHead: false }));
    expect(matrices.map((name) => name.replace('blocks.0.', ''))).toEqual([
      'attention.query.weight',
      'attention.key.weight',
      'attention.value.weight',
      'attention.output.weight',
      'feedForward.expand.weight',
      'feedForward.contract.weight',
    ]);
    expect(rest).toEqual(expect.arrayContaining(['tokens.weight', 'positions.weight', 'head.weight']));
  });

  test('knows the heads and the filters of other models', () => {
    const names = [
      ...namesIn(new LSTMLanguageModel({ vocabSize: 5, width: 4, hidden: 6 }))[1],
      ...namesIn(new Conformer({ ...size }))[1],
      ...namesIn(
        new DETR({
          classes: 3,
          backbone: new ConvBackbone(3, [4]),
          width: 8,
          heads: 2,
          encoderLayers: 1,
          decoderLayers: 1,
        }),
      )[1],
    ];
    const expected = [
      'head.weight',
      'output.weight',
      'blocks.0.convolution.depthwise.weight',
      'classHead.weight',
    ];
    expect(names).toEqual(expect.arrayContaining([...expected, 'boxHead.0.weight', 'queries.weight']));
  });

  test('takes other patterns', () => {
    const [, rest] = namesIn(new GPT({ ...size, context: 4 }), { exclude: ['attention', /contract/] });
    expect(rest).toEqual(
      expect.arrayContaining(['blocks.0.attention.query.weight', 'blocks.0.feedForward.contract.weight']),
    );
    expect(() => splitMatrices(new GPT({ ...size, context: 4 }), { exclude: 'head' as never })).toThrow(
      'splitMatrices: exclude is a list of strings and regular expressions. got "head".',
    );
    expect(() => splitMatrices([] as never)).toThrow(
      'splitMatrices: the model is a module, with namedParameters().',
    );
  });
});
