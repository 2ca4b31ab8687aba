/** Each method does what the op of its name does. */
import { expect, test } from 'vitest';
import { manualSeed, noGrad, randn, Tensor, tensor } from '../src/index.ts';
import * as ops from '../src/ops/index.ts';

manualSeed(5);
const x = ops.add(ops.abs(randn([2, 3])), 0.1);
const y = ops.add(ops.abs(randn([2, 3])), 0.1);
const index = tensor([[0, 2], [1, 1]], { dtype: 'int32' }); // biome-ignore format: a matrix

const calls: { [Name in keyof Tensor & keyof typeof ops]?: unknown[] } = {
  ...{
    add: [y],
    sub: [y],
    mul: [2],
    div: [y],
    pow: [y],
    maximum: [y],
    minimum: [1],
    matmul: [ops.transpose(y)],
  },
  ...{
    neg: [],
    exp: [],
    log: [],
    sqrt: [],
    square: [],
    abs: [],
    clamp: [{ min: 1 }],
    softmax: [0],
    logSoftmax: [],
  },
  ...{ cumsum: [1], maskedFill: [ops.less(y, 1), 7] },
  ...{ equal: [x], notEqual: [x], less: [y], lessEqual: [y], greater: [y], greaterEqual: [1] },
  ...{
    sum: [1, { keepDims: true }],
    mean: [[0, 1]],
    max: [0],
    min: [],
    variance: [1, { correction: 0 }],
    argmax: [1],
  },
  ...{ transpose: [0, 1], permute: [[1, 0]], reshape: [[3, 2]], flatten: [], expandDims: [1], squeeze: [] },
  ...{ view: [[6]], unsqueeze: [0] },
  ...{
    broadcastTo: [[2, 2, 3]],
    slice: [{ axis: 1, start: 1 }],
    select: [0, 1],
    split: [1, 1],
    gather: [1, index],
  },
  ...{ clone: [], contiguous: [], detach: [], to: ['float64'], copy_: [y], fill_: [3] },
};

test.each(Object.entries(calls))('%s', (name, rest) => {
  const op = { ...ops }[name as keyof typeof ops] as (...args: unknown[]) => unknown;
  const method = (x.clone() as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
  expect(String(method.apply(x.clone(), rest))).toBe(String(op(x.clone(), ...rest)));
});

test('every op method of the prototype is tested here', () => {
  const own = new Set(['constructor', 'zeroGrad', 'strided', 'toTypedArray', 'toArray', 'item', 'toString']);
  const methods = Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype)).flatMap(
    ([name, { value }]) => (typeof value === 'function' && !own.has(name) ? [name] : []),
  );
  expect(methods.sort()).toEqual([...Object.keys(calls), 'backward', 'retainGrad'].sort());
});

test('a chain, its backward, and a retained gradient', () => {
  const w = tensor([[1, 2]], { requiresGrad: true });
  const hidden = w.mul(3).retainGrad();
  const loss = hidden.square().mean();
  loss.backward(undefined, { retainGraph: true });
  loss.backward();
  expect(hidden.grad!.toArray()).toEqual([[6, 12]]);
  expect(w.grad!.toArray()).toEqual([[18, 36]]);
  w.zeroGrad();
  w.backward(tensor([[5, 6]]));
  expect(w.grad!.toArray()).toEqual([[5, 6]]);
  expect(() => tensor(1).retainGrad()).toThrow('retainGrad: the tensor requires grad.');
});

test('methods do not show up as properties of a tensor', () => {
  const keys: string[] = [];
  for (const key in noGrad(() => tensor(1))) keys.push(key);
  expect(keys).not.toContain('add');
});
