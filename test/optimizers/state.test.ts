import { describe, expect, test } from 'vitest';
import {
  Adam,
  AdamW,
  Lion,
  type Optimizer,
  type OptimizerState,
  type SavedTensors,
  SGD,
  zerosLike,
} from '../../optimizers/index.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import {
  type DType,
  empty,
  manualSeed,
  randn,
  type Storage,
  Tensor,
  tensor,
} from '../../src/tensor/index.ts';
import { collectInto } from '../../src/tensor/scope.ts';

const makeParameters = (dtype: DType = 'float32') => {
  manualSeed(1);
  return [[3, 2], [2], [4]].map((shape) => new Parameter(randn(shape, { dtype }), { role: 'weight' }));
};

/** Gradients that depend on the weights; the second parameter has none at even steps, the third never. */
function train(
  optimizer: Optimizer<object, string>,
  parameters: Parameter[],
  from: number,
  to: number,
): void {
  for (let step = from; step < to; step++) {
    optimizer.lr = 0.1 / (step + 1);
    for (const [i, p] of parameters.entries()) {
      const gradient = Tensor.over(
        p.data.map((w) => Math.sin(3 * w + step) + w),
        p.shape,
      );
      p.grad = i === 2 || (i === 1 && step % 2 === 0) ? null : gradient;
    }
    optimizer.step();
  }
}

const split = (params: Parameter[]) => [
  { params: params.slice(0, 1), lr: 0.03 },
  { params: params.slice(1), name: 'rest' },
];
const makers: Record<string, (params: Parameter[]) => Optimizer<object, string>> = {
  SGD: (params) => new SGD(split(params), { momentum: 0.9, dampening: 0.1, weightDecay: 0.1 }),
  Adam: (params) => new Adam(split(params), { weightDecay: 0.1 }),
  AdamW: (params) => new AdamW(split(params)),
  Lion: (params) => new Lion(split(params), { weightDecay: 0.1 }),
};

/** Through JSON and raw tensors, as a checkpoint goes. */
function throughFile({ tensors, ...rest }: OptimizerState): OptimizerState {
  return { ...(JSON.parse(JSON.stringify(rest)) as OptimizerState), tensors: new Map(tensors) };
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  test('continues from a saved state with the same bits', () => {
    const whole = makeParameters();
    const uninterrupted = make(whole);
    train(uninterrupted, whole, 0, 9);

    const first = makeParameters();
    const before = make(first);
    train(before, first, 0, 4);
    const saved = throughFile(before.stateDict());
    const weights = first.map((p) => p.toTypedArray());
    train(before, first, 4, 6); // the saved copy does not follow

    const second = weights.map(
      (values, i) => new Parameter(Tensor.over(values, first[i]!.shape), { role: 'weight' }),
    );
    const after = make(second);
    train(after, makeParameters(), 0, 3); // an optimizer that has been elsewhere forgets it
    after.loadStateDict(saved);
    expect(after.steps).toBe(4);
    expect(after.lr).toBe(0.1 / 4);
    train(after, second, 4, 9);
    for (const [i, p] of second.entries()) expect(p.data).toEqual(whole[i]!.data);
    expect(after.stateDict()).toEqual(uninterrupted.stateDict());
  });
});

test('state starts at zero, also in memory that was used before', () => {
  const x = tensor(new Float32Array(1000));
  const used = empty(x.shape, x.dtype);
  used.data.fill(7);
  used.storage.release();
  const owned: Storage[] = [];
  const zeros = collectInto(owned, () => zerosLike(x));
  expect(zeros.data).toEqual(new Float32Array(1000));
  expect(owned).toEqual([]); // no scope ends its life
});

test('the options are restored with the state', () => {
  const params = makeParameters();
  const optimizer = new AdamW(split(params), { lr: 0.1 });
  optimizer.groups[1]!.weightDecay = 0.7;
  optimizer.groups[0]!.lr = 0.05;
  optimizer.lr = 0.2;
  const other = new AdamW(split(makeParameters()), { betas: [0.1, 0.2] });
  other.loadStateDict(throughFile(optimizer.stateDict()));
  expect(other.groups.map(({ lr, weightDecay, betas }) => ({ lr, weightDecay, betas }))).toEqual([
    { lr: 0.1, weightDecay: 0.01, betas: [0.9, 0.999] },
    { lr: 0.2, weightDecay: 0.7, betas: [0.9, 0.999] },
  ]);
});

describe('a state that does not fit is an error, and nothing changes', () => {
  const trained = (params: Parameter[]) => {
    const optimizer = new AdamW(split(params));
    train(optimizer, params, 0, 3);
    return optimizer;
  };
  const good = trained(makeParameters()).stateDict();
  const without = (key: string) => new Map([...good.tensors].filter(([name]) => name !== key));
  const [group0, group1] = good.groups as [OptimizerState['groups'][0], OptimizerState['groups'][0]];

  // biome-ignore format: a table
  test.each<[string, SavedTensors & Partial<OptimizerState>, string]>([
    ['no state', { tensors: new Map() }, 'AdamW.loadStateDict: the state has kind, lr, steps, groups and tensors, as stateDict gives them. got tensors.'],
    ['broken groups', { ...good, groups: [{ ...group0, updates: [] }, group1] }, 'the state has kind, lr, steps, groups'],
    ['kind', { ...good, kind: 'SGD' }, 'AdamW.loadStateDict: the state is that of AdamW. got the state of SGD.'],
    ['fewer groups', { ...good, groups: [group0] }, 'group 1: none in the state, rest [(2) (4)]'],
    ['group names', { ...good, groups: [{ ...group0, name: 'x' }, group1] }, 'group 0: x [(3, 2)]'],
    ['shapes', { ...good, groups: [group0, { ...group1, shapes: [[2], [5]] }] }, 'group 1: rest [(2) (5)]'],
    ['options', { ...good, groups: [group0, { ...group1, settings: { lrScale: 1 } }] }, 'group 1: rest [(2) (4)] lrScale in the state'],
    ['values', { ...good, groups: [group0, { ...group1, settings: { ...group1.settings, eps: -1 } }] }, 'eps is a finite number ≥ 0. got -1.'],
    ['rate', { ...good, lr: Number.NaN }, 'lr is a finite number ≥ 0. got NaN.'],
    ['missing state', { ...good, tensors: without('1.v') }, 'state 1.v is float32 of shape (2). got nothing.'],
    ['surplus state', { ...good, tensors: new Map([...good.tensors, ['2.m', tensor([1])]]) }, 'all state is of parameters that have been updated. got 2.m.'],
    ['state shape', { ...good, tensors: new Map([...good.tensors, ['1.v', tensor([1])]]) }, 'state 1.v is float32 of shape (2). got float32 of shape (1).'],
    ['state type', { ...good, tensors: new Map([...good.tensors, ['1.v', tensor([1, 1], { dtype: 'float64' })]]) }, 'got float64 of shape (2).'],
  ])('%s', (_, state, message) => {
    const optimizer = trained(makeParameters());
    const before = optimizer.stateDict();
    expect(() => optimizer.loadStateDict(state)).toThrow(message);
    expect(optimizer.stateDict()).toEqual(before);
  });
});
