import { expect, test } from 'vitest';
import { noGrad } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { arange, tensor, zeros } from '../../src/tensor/index.ts';

test('copy_ broadcasts, converts, goes through views, and counts a version', () => {
  const x = zeros([2, 3]);
  expect(ops.copy_(x, arange(3))).toBe(x);
  expect(x.toArray()).toEqual([[0, 1, 2], [0, 1, 2]]); // biome-ignore format: a matrix
  ops.copy_(ops.select(x, 1, 0), tensor([7, 8], { dtype: 'float64' }));
  expect(x.toArray()).toEqual([[7, 1, 2], [8, 1, 2]]); // biome-ignore format: a matrix
  expect(x.storage.version).toBe(2);
});

test('a tensor copied onto its own memory is read first', () => {
  const x = arange(5);
  ops.copy_(ops.slice(x, { axis: 0, start: 1 }), ops.slice(x, { axis: 0, end: -1 }));
  expect(x.toArray()).toEqual([0, 0, 1, 2, 3]);
  ops.copy_(x, ops.slice(x, { axis: 0, step: -1 }));
  expect(x.toArray()).toEqual([3, 2, 1, 0, 0]);
});

test('integers take what int32 holds', () => {
  const x = zeros([2], { dtype: 'int32' });
  expect(() => ops.fill_(x, Number.NaN)).toThrow('fill_: int32 holds the number. got NaN at index 0');
  expect(() => ops.copy_(x, tensor([1, 1e10]))).toThrow(
    'copy_: int32 holds the number. got 10000000000 at index 1',
  );
  expect(ops.copy_(x, tensor([1.9, -3])).toArray()).toEqual([1, -3]);
});

test('fill_', () => {
  const x = zeros([2, 2]);
  ops.fill_(ops.slice(x, { axis: 0, start: 1 }), 4);
  expect(x.toArray()).toEqual([[0, 0], [4, 4]]); // biome-ignore format: a matrix
});

test('tensors that require grad are changed inside noGrad only', () => {
  const x = zeros([2], { requiresGrad: true });
  expect(() => ops.fill_(x, 1)).toThrow(
    'fill_: tensors that require grad are changed, or copied from, inside noGrad. got shape (2) outside noGrad.',
  );
  expect(() => ops.copy_(zeros([2]), x)).toThrow('copied from, inside noGrad');
  noGrad(() => ops.fill_(x, 1));
  expect(x.toArray()).toEqual([1, 1]);
});

test('a broadcast view is not written to', () => {
  expect(() => ops.fill_(ops.broadcastTo(zeros([1]), [3]), 1)).toThrow(
    'fill_: each element has memory of its own',
  );
  expect(() => ops.copy_(zeros([3]), zeros([2]))).toThrow('copy_: the tensor broadcasts to (3). got (2).');
});
