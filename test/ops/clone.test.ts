import { expect, test } from 'vitest';
import { backward, gradcheck, noGrad } from '../../src/autograd/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import * as ops from '../../src/ops/index.ts';
import { randn, type Tensor, tensor } from '../../src/tensor/index.ts';

const float64 = { dtype: 'float64' } as const;

test('clone and contiguous', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const copy = ops.clone(ops.transpose(x));
  expect(copy.storage).not.toBe(x.storage);
  expect(copy.toArray()).toEqual([[1, 3], [2, 4]]); // biome-ignore format: a matrix
  expect(ops.contiguous(x)).toBe(x);
  expect([...ops.contiguous(ops.transpose(x)).data]).toEqual([1, 3, 2, 4]);
  gradcheck((a) => ops.clone(ops.transpose(a)), [randn([2, 3], float64)]);
  gradcheck((a) => ops.contiguous(ops.transpose(a)), [randn([2, 3], float64)]);
});

test('to: float types carry the gradient, integers do not', () => {
  const x = tensor([1.5, -2.7], { requiresGrad: true });
  expect(ops.to(x, 'float32')).toBe(x);
  const y = ops.to(x, 'float64');
  expect(y.toArray()).toEqual([1.5, Math.fround(-2.7)]);
  backward(ops.sum(ops.mul(y, y)));
  expect(x.grad!.dtype).toBe('float32');
  expect(x.grad!.toArray()).toEqual([3, 2 * Math.fround(-2.7)]);
  expect(ops.to(x, 'int32').toArray()).toEqual([1, -2]);
  expect(ops.to(x, 'int32').requiresGrad).toBe(false);
  gradcheck((a) => ops.to(ops.to(a, 'float32'), 'float64'), [tensor([1, 2, 3], float64)], { eps: 2 ** -10 });
});

test('to int32: what it cannot hold is an error', () => {
  expect(ops.to(tensor([-(2 ** 31), 2147483647.9, -0.9, 2 ** -149], float64), 'int32').toArray()).toEqual([
    -(2 ** 31),
    2 ** 31 - 1,
    0,
    0,
  ]);
  for (const value of [Number.NaN, Infinity, 1e10, 2 ** 31]) {
    expect(() => ops.to(ops.transpose(tensor([[0, 1], [value, 2]])), 'int32')).toThrow(
      `to: int32 holds the number. got ${value} at index 1. take a float dtype, float64 for large numbers.`,
    ); // biome-ignore format: a matrix
  }
});

test('detach shares the memory of plain data and copies parameters, gradients and results', () => {
  const shares = (x: Tensor) => ops.detach(x).storage === x.storage;
  const weight = new Parameter(tensor([1, 2]), { role: 'weight' });
  const product = ops.mul(weight, 3);
  expect([tensor([1]), ops.mul(tensor([1]), 2), noGrad(() => ops.mul(weight, 2))].map(shares)).toEqual([
    true,
    true,
    true,
  ]);
  expect([weight, product, ops.transpose(ops.reshape(weight, [1, 2]))].map(shares)).toEqual([
    false,
    false,
    false,
  ]);
  const [before, ofView] = [ops.detach(weight), ops.detach(ops.reshape(weight, [2, 1]))];
  backward(ops.sum(product));
  expect(shares(weight.grad!)).toBe(false);
  noGrad(() => ops.fill_(weight, 9));
  expect([before.toArray(), ofView.toArray()]).toEqual([
    [1, 2],
    [[1], [2]],
  ]);
});

test('detach gives a tensor without gradient', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = ops.detach(x);
  expect(y.requiresGrad).toBe(false);
  expect(y.storage).toBe(x.storage);
  expect(ops.detach(ops.transpose(tensor([[1, 2], [3, 4]]))).toArray()).toEqual([[1, 3], [2, 4]]); // biome-ignore format: a matrix
});

test('a detached result outlives its graph, its scope, and zeroGrad', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = ops.mul(x, 3);
  const ofGraph = ops.detach(y);
  expect(ofGraph.requiresGrad).toBe(false);
  backward(ops.sum(ops.mul(y, y)));
  expect(() => y.toArray()).toThrow('mul:');
  expect(ofGraph.toArray()).toEqual([3, 6]);

  const ofGradient = ops.detach(x.grad!);
  x.zeroGrad();
  expect(ofGradient.toArray()).toEqual([18, 36]);

  let ofScope: Tensor | undefined;
  noGrad(() => {
    ofScope = ops.detach(ops.mul(x, 5));
  });
  expect(ofScope!.toArray()).toEqual([5, 10]);
});
