import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { AdamW, decayGroups, decayGroupsByDimension, decayGroupsByName } from '../../optimizers/index.ts';
import { backward, gradcheckModule, noGrad } from '../../src/autograd/index.ts';
import { kernels } from '../../src/kernels/index.ts';
import {
  freeze,
  Linear,
  loadLora,
  lora,
  loraState,
  type Module,
  mergeLora,
  type Parameter,
  Sequential,
} from '../../src/nn/index.ts';
import { mul, sum } from '../../src/ops/index.ts';
import {
  manualSeed,
  type NestedArray,
  rand,
  randn,
  randomState,
  setDefaultDtype,
  type Tensor,
  tensor,
} from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/index.ts';
import { expectClose, golden } from '../support/golden.ts';

beforeEach(() => manualSeed(5));
afterEach(() => setDefaultDtype('float32'));

const size = { vocabSize: 12, context: 8, layers: 2, heads: 2, width: 8 };
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });
const [inputs, targets] = [ids([1, 2, 3, 4, 5], [9, 8, 7, 6, 0]), ids([2, 3, 4, 5, 6], [8, 7, 6, 0, 11])];
const trained = (model: Module) =>
  model.namedParameters().flatMap(([name, p]) => (p.requiresGrad ? [name] : []));
const bits = (model: GPT) => noGrad(() => model.forward(inputs).toTypedArray());

/** Gives every B values, as training does. */
function disturb<M extends Module>(model: M): M {
  for (const [name, tensor] of model.namedParameters())
    if (name.endsWith('adapter.B')) tensor.data.set(randn(tensor.shape, { dtype: tensor.dtype }).data);
  return model;
}

type State = Record<string, NestedArray>;
interface Golden {
  size: typeof size;
  options: object;
  lora: { rank: number; alpha: number; targets: string[] };
  lr: number;
  parameters: State;
  adapters: State;
  tokens: NestedArray;
  targets: NestedArray;
  logits: NestedArray;
  gradients: State;
  losses: number[];
  final: State;
  merged: State;
}

test.each([
  ['float64', 1e-9],
  ['float32', 2e-5],
] as const)('in %s: logits, gradients, ten steps and merged weights are PyTorch’s', (dtype, tolerance) => {
  setDefaultDtype(dtype);
  const known = golden<Golden>('lora');
  const state = (values: State) =>
    new Map(Object.entries(values).map(([name, value]): [string, Tensor] => [name, tensor(value)]));
  const model = new GPT({ ...known.size, ...known.options });
  model.loadStateDict(state(known.parameters));
  loadLora(lora(model, known.lora), state(known.adapters));
  const [tokens, answers] = [
    tensor(known.tokens, { dtype: 'int32' }),
    tensor(known.targets, { dtype: 'int32' }),
  ];
  expectClose(
    noGrad(() => model.forward(tokens)),
    known.logits,
    tolerance,
    'logits',
  );
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: known.lr });
  for (const [step, expected] of known.losses.entries()) {
    optimizer.zeroGrad();
    const loss = model.loss(tokens, answers);
    expectClose(loss.item(), expected, tolerance, `loss ${step}`);
    backward(loss);
    const gradients = model.namedParameters().filter(([, { grad }]) => grad !== null);
    expect(gradients.map(([name]) => name).sort()).toEqual(Object.keys(known.adapters).sort());
    if (step === 0)
      for (const [name, { grad }] of gradients) expectClose(grad!, known.gradients[name]!, tolerance, name);
    optimizer.step();
  }
  const loose = dtype === 'float32' ? 1e-4 : tolerance;
  for (const [name, values] of loraState(model)) expectClose(values, known.final[name]!, loose, name);
  const merged = mergeLora(model).stateDict();
  expect([...merged.keys()].sort()).toEqual(Object.keys(known.parameters).sort());
  for (const [name, values] of merged)
    expectClose(values, (known.merged[name] ?? known.parameters[name])!, loose, name);
});

test('its gradient is right: of A, of B, and of what lies below', () => {
  setDefaultDtype('float64');
  const model = disturb(
    lora(new Sequential(new Linear(4, 5), new Linear(5, 3)), { rank: 2, alpha: 3, targets: [/./] }),
  );
  const [x, upstream] = [randn([2, 4]), randn([2, 3])];
  gradcheckModule(model, () => sum(mul(model.forward(x), upstream)));
  expect(trained(model)).toEqual(['0.adapter.A', '0.adapter.B', '1.adapter.A', '1.adapter.B']);
});

describe('lora', () => {
  test('changes no bit at first, and no random stream but its own', () => {
    const model = new GPT(size);
    const [before, streams] = [bits(model), randomState().streams];
    expect(lora(model)).toBe(model);
    expect(bits(model)).toEqual(before);
    const { lora: own, ...others } = randomState().streams;
    expect(others).toEqual(streams);
    expect(own).toBeDefined();
  });

  test('draws A from U(±1/√in), from its stream, and B is 0', () => {
    const { adapter } = lora(new Sequential(new Linear(64, 3)), { rank: 40, targets: ['0'] }).at(0) as Linear;
    const [A, B] = adapter!.parameters() as [Parameter, Parameter];
    const scaled = [...A.data].map((value) => value * Math.sqrt(64)); // U(±1): variance ⅓
    expect(Math.max(...scaled.map(Math.abs))).toBeLessThan(1);
    expect(scaled.reduce((all, value) => all + value ** 2, 0) / A.size).toBeCloseTo(1 / 3, 1);
    expect(B.data.every((value) => value === 0)).toBe(true);
    manualSeed(5);
    const model = lora(new Sequential(new Linear(64, 3)), { rank: 40, targets: ['0'] });
    expect(loraState(model).get('0.adapter.A')!.toArray()).toEqual(A.toArray());
  });

  test.each<[(string | RegExp)[], RegExp]>([
    [['query', 'value'], /attention\.(query|value)/],
    [['attention.key'], /attention\.key/],
    [[/^blocks\.1\..*(expand|contract)$/], /blocks\.1\.feedForward/],
    [['output', /attention\.output/], /output/],
    [[/./], /blocks|head/],
  ])('targets %s are what their names say', (targets, expected) => {
    const model = new GPT({ ...size, tiedHead: false });
    const linears = model.namedModules().flatMap(([name, part]) => (part instanceof Linear ? [name] : []));
    const names = linears
      .filter((name) => expected.test(name))
      .flatMap((name) => [`${name}.adapter.A`, `${name}.adapter.B`]);
    expect(trained(lora(model, { targets }))).toEqual(names);
    expect([...loraState(model).keys()]).toEqual(names);
  });

  test.each<[string, object, string]>([
    ['a rank of 0', { rank: 0 }, 'lora: rank is a whole number ≥ 1. got 0.'],
    ['a bad alpha', { alpha: Number.NaN }, 'lora: alpha is a finite number. got NaN.'],
    ['an unknown option', { r: 3 }, 'lora: every option is known. got "r".'],
    ['a misspelt target', { targets: ['qeury'] }, 'lora: each target is a linear layer of the model. got qeury. did you mean "query"?'],
    ['half a name', { targets: ['uery'] }, 'each target is a linear layer of the model. got uery.'],
    ['a layer that is not linear', { targets: ['tokens'] }, 'each target is a linear layer of the model. got tokens.'],
    ['a pattern without a layer', { targets: [/xyz/] }, 'got /xyz/.'],
    ['no list', { targets: 'query' }, 'lora: targets are a list of names and regular expressions. got "query".'],
    ['no targets', { targets: [] }, 'lora: targets are a list of names and regular expressions. got [].'],
  ])('refuses %s, and changes nothing', (_, options, message) => {
    const model = new GPT(size);
    expect(() => lora(model, options)).toThrow(message);
    expect(trained(model)).toHaveLength(model.parameters().length);
  }); // biome-ignore format: a table

  test('refuses a model that has adapters, or is none', () => {
    expect(() => lora(lora(new GPT(size), { targets: ['key'] }))).toThrow(
      'lora: the model has no adapters yet. got blocks.0.attention.key, blocks.1.attention.key. mergeLora takes',
    );
    expect(() => lora({} as never)).toThrow('lora: the model is a module. got {}.');
  });
});

describe('what is frozen', () => {
  test('costs no gradient of a weight, and nothing below the lowest adapter', () => {
    const model = lora(new GPT(size), { targets: [/blocks\.1.*(query|value)/] });
    const loss = model.loss(inputs, targets);
    const products = vi.spyOn(kernels, 'matmul');
    const norms = vi.spyOn(kernels, 'layerNormGrad');
    const tables = vi.spyOn(kernels, 'scatterAddRows');
    backward(loss);
    // dx of the tied head, contract, expand, output. Adapters: dA and dB of two, and of each dx through B. No
    // adapter and no frozen layer passes anything to the first norm.
    expect(products).toHaveBeenCalledTimes(4 + 2 * 3);
    expect(norms).toHaveBeenCalledTimes(2); // the last norm and norm2 of the block: not norm1
    expect(tables).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    const x = model.blocks.at(0)!.forward(model.tokens.forward(inputs));
    expect(x.requiresGrad).toBe(false);
  });

  test('is in no decay group, has no state in an optimizer, and stays as it was', () => {
    const model = lora(new GPT({ ...size, bias: true }));
    for (const rule of [decayGroups, decayGroupsByName, decayGroupsByDimension]) {
      const groups = rule(model, { weightDecay: 0.1 });
      const routed = groups.flatMap(({ params }) => params);
      expect(routed).toEqual(model.parameters().filter(({ requiresGrad }) => requiresGrad));
    }
    const before = model.stateDict();
    const optimizer = new AdamW(model.parameters(), { lr: 1e-2, weightDecay: 0.1 }); // frozen ones too
    for (let step = 0; step < 2; step++) {
      optimizer.zeroGrad();
      backward(model.loss(inputs, targets));
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
    }
    expect(optimizer.stateDict().tensors.size).toBe(2 * 2 * 2 * 2); // m and v of A and B of query and value in 2 blocks
    for (const [name, values] of model.stateDict())
      expect(`${values.toTypedArray()}` === `${before.get(name)!.toTypedArray()}`, name).toBe(
        !/adapter/.test(name),
      );
  });

  test('can be any part, and drops the gradients it has', () => {
    const model = new GPT(size);
    backward(model.loss(inputs, targets));
    expect(freeze(model.blocks.at(0)!)).toBe(model.blocks.at(0));
    const frozen = model.namedParameters().filter(([, { requiresGrad }]) => !requiresGrad);
    expect(frozen.every(([name, { grad }]) => name.startsWith('blocks.0.') && grad === null)).toBe(true);
    expect(frozen).toHaveLength(model.blocks.at(0)!.parameters().length);
    freeze(model.blocks.at(0)!, false);
    expect(trained(model)).toHaveLength(model.parameters().length);
    expect(() => freeze('tokens' as never)).toThrow('freeze: what is frozen is a module. got "tokens".');
    expect(() => freeze(model, 1 as never)).toThrow('freeze: frozen is a boolean. got 1.');
  });
});

describe('loraState', () => {
  test('is the adapters’, and loadLora makes another copy of the model the same', () => {
    const model = disturb(lora(new GPT(size)));
    manualSeed(5);
    const other = lora(new GPT(size));
    expect(bits(other)).not.toEqual(bits(model));
    loadLora(other, loraState(model));
    expect(bits(other)).toEqual(bits(model));
    loraState(model).get('blocks.0.attention.query.adapter.A')!.data.fill(9); // a copy
    expect(bits(other)).toEqual(bits(model));
  });

  test('of another model is an error that lists all that differs, and changes nothing', () => {
    const state = loraState(disturb(lora(new GPT({ ...size, layers: 1 }), { rank: 2 })));
    const model = disturb(lora(new GPT({ ...size, layers: 1 }), { rank: 3, targets: ['value', 'output'] }));
    const before = bits(model);
    expect(() => loadLora(model, state)).toThrow(
      "loadLora: names and shapes are those of the model's adapters. got " +
        'blocks.0.attention.value.adapter.A (2, 8) for (3, 8); ' +
        'blocks.0.attention.value.adapter.B (8, 2) for (8, 3); ' +
        'blocks.0.attention.output.adapter.A missing for (3, 8); ' +
        'blocks.0.attention.output.adapter.B missing for (8, 3); ' +
        'blocks.0.attention.query.adapter.A (2, 8) for nothing; ' +
        'blocks.0.attention.query.adapter.B (8, 2) for nothing. take the model that',
    );
    expect(bits(model)).toEqual(before);
  });

  test('needs adapters, and a state', () => {
    const plain = new GPT(size);
    expect(() => loraState(plain)).toThrow('loraState: the model has adapters. got none.');
    expect(() => loadLora(plain, new Map())).toThrow('loadLora: the model has adapters. got none.');
    expect(() => loadLora(lora(plain), {} as never)).toThrow(
      'loadLora: the state is a Map of tensors by name',
    );
  });
});

describe('mergeLora', () => {
  test('adds scale·B·A in float64, rounded once, and leaves what trains and generates as before', () => {
    const shape = fc.record({
      rank: fc.integer({ min: 1, max: 4 }),
      alpha: fc.integer({ min: -3, max: 9 }),
      n: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(shape, ({ rank, alpha, n }) => {
        const model = disturb(lora(new Sequential(new Linear(5, n)), { rank, alpha, targets: ['0'] }));
        const layer = model.at(0) as Linear;
        const x = rand([3, 5]);
        const [adapted, W] = [noGrad(() => model.forward(x).toArray()), layer.weight.toArray() as number[][]];
        const [A, B] = layer.adapter!.parameters().map((p) => p.toArray() as number[][]) as [number[][], number[][]];
        const expected = W.map((row, i) =>
          row.map((w, j) => Math.fround(w + A.reduce((all, a, r) => all + B[i]![r]! * a[j]!, 0) * (alpha / rank))),
        );
        expect(mergeLora(model)).toBe(model);
        expect(layer.weight.toArray()).toEqual(expected);
        expectClose(noGrad(() => model.forward(x)), adapted, 1e-5);
        expect(trained(model)).toEqual(['0.weight', '0.bias']);
        expect([...model.stateDict().keys()]).toEqual(['0.weight', '0.bias']);
      }),
      { numRuns: 30 },
    ); // biome-ignore format: shorter
  });

  test('refuses a model without adapters, and a weight that another layer shares', () => {
    expect(() => mergeLora(new GPT(size))).toThrow('mergeLora: the model has adapters. got none.');
    const [one, two] = [new Linear(3, 3), new Linear(3, 3)];
    Object.assign(two, { weight: one.weight });
    const tied = disturb(lora(new Sequential(one, two), { targets: ['1'] }));
    const before = one.weight.toArray();
    expect(() => mergeLora(tied)).toThrow('mergeLora: an adapted weight is of one layer. got 1.');
    expect(one.weight.toArray()).toEqual(before);
  });
});
