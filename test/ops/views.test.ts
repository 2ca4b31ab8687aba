import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { arange, randn, tensor, zeros } from '../../src/tensor/index.ts';

const float64 = { dtype: 'float64' } as const;
const x = () => randn([2, 3, 4], float64);

describe('slice', () => {
  const numbers = arange(10);
  const part = (start?: number, end?: number, step?: number) =>
    ops
      .slice(numbers, {
        axis: 0,
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
        ...(step !== undefined && { step }),
      })
      .toArray();

  test('is what Python does', () => {
    expect(part(2, 5)).toEqual([2, 3, 4]);
    expect(part(-3)).toEqual([7, 8, 9]);
    expect(part(0, -7)).toEqual([0, 1, 2]);
    expect(part(1, 8, 3)).toEqual([1, 4, 7]);
    expect(part(-100, 100, 4)).toEqual([0, 4, 8]);
    expect(part(undefined, undefined, -3)).toEqual([9, 6, 3, 0]);
    expect(part(4, 1, -1)).toEqual([4, 3, 2]);
    expect(part(4, undefined, -2)).toEqual([4, 2, 0]);
    expect(part(5, 2)).toEqual([]);
    expect(part(10)).toEqual([]);
  });

  test('gradients', () => {
    gradcheck((a) => ops.slice(a, { axis: 1, start: 1 }), [x()]);
    gradcheck((a) => ops.slice(a, { axis: -1, step: -2 }, { axis: 0, start: -1 }), [x()]);
    gradcheck((a) => ops.slice(ops.slice(a, { axis: 2, start: 1, step: 2 }), { axis: 0, step: -1 }), [x()]);
    gradcheck((a) => ops.slice(ops.transpose(a), { axis: 1, end: 2 }), [x()]);
    gradcheck((a) => ops.sum(ops.slice(a, { axis: 1, end: 0 })), [x()]);
  });

  test('bad input', () => {
    expect(() => ops.slice(x(), { axis: 3 })).toThrow('slice: axis lies in [-3, 2]');
    expect(() => ops.slice(x(), { axis: 2 }, { axis: -1 })).toThrow('slice: axes are distinct. got [2,2].');
    expect(() => ops.slice(x(), { axis: 0, step: 0 })).toThrow('the step is not 0. got {"axis":0,"step":0}.');
    expect(() => ops.slice(x(), { axis: 0, start: 0.5 })).toThrow('whole numbers');
    expect(() => ops.slice(x(), { axis: 0, stop: 1 } as never)).toThrow(
      'slice: every option is known. got "stop". did you mean "step"?',
    );
  });
});

test('select', () => {
  const a = ops.reshape(arange(6), [2, 3]);
  expect(ops.select(a, 0, -1).toArray()).toEqual([3, 4, 5]);
  expect(ops.select(a, 1, 0).toArray()).toEqual([0, 3]);
  gradcheck((b) => ops.select(b, -2, 1), [x()]);
  gradcheck((b) => ops.select(ops.select(ops.transpose(b), 0, 1), 0, -1), [x()]);
  expect(() => ops.select(a, 1, 3)).toThrow('select: the index lies in [-3, 2] for axis 1 of (2, 3). got 3.');
});

test('split: sizes, a last part that is smaller, gradients, bad input', () => {
  const parts = ops.split(ops.reshape(arange(10), [2, 5]), 2, 1);
  expect(parts.map((part) => part.shape)).toEqual([
    [2, 2],
    [2, 2],
    [2, 1],
  ]);
  expect(parts[2]!.toArray()).toEqual([[4], [9]]);
  gradcheck((a) => ops.mul(...(ops.split(a, [2, 2], -1) as [never, never])), [x()]);
  expect(() => ops.split(x(), [1, 1], 1)).toThrow(
    'split: sizes add up to the length of axis 1 of (2, 3, 4). got [1,1].',
  );
  expect(() => ops.split(x(), 0, 1)).toThrow('split: the size of a part is a whole number > 0. got 0.');
  expect(ops.split(zeros([0, 2]), 2)).toEqual([]);
});

test('concat and stack', () => {
  const [a, b] = [tensor([[1, 2]]), tensor([[3, 4]])];
  expect(ops.concat([a, b]).toArray()).toEqual([[1, 2], [3, 4]]); // biome-ignore format: a matrix
  expect(ops.concat([a, b], -1).toArray()).toEqual([[1, 2, 3, 4]]);
  expect(ops.stack([a, b], 1).toArray()).toEqual([[[1, 2], [3, 4]]]); // biome-ignore format: a matrix
  expect(ops.stack([a, b], -1).shape).toEqual([1, 2, 2]);
  gradcheck((p, q) => ops.concat([p, ops.transpose(q, 0, 1), p], 1), [x(), randn([1, 2, 4], float64)]);
  gradcheck((p, q) => ops.stack([p, q, p], 1), [x(), x()]);
  expect(ops.concat([zeros([0, 2]), a]).toArray()).toEqual([[1, 2]]);
  expect(() => ops.concat([])).toThrow('concat: there is at least one tensor. got none.');
  expect(() => ops.concat([a, zeros([1, 3])])).toThrow(
    'concat: shapes agree on every axis but axis 0. got (1, 2), (1, 3).',
  );
  expect(() => ops.concat([a, arange(2)])).toThrow('concat: shapes agree');
  expect(() => ops.concat([a, zeros([1, 2], float64)])).toThrow(
    'concat: all tensors have one dtype. got float32, float64.',
  );
  expect(() => ops.stack([a, zeros([2])])).toThrow('stack: tensors have one shape. got (1, 2), (2).');
});

test('gather: repeated indices add up, short indices, views, bad input', () => {
  const index = tensor([[0, 2, 2, 1]], { dtype: 'int32' });
  gradcheck((a) => ops.gather(a, 1, index), [randn([2, 3], float64)]);
  gradcheck((a) => ops.gather(ops.transpose(a), 0, index), [randn([4, 3], float64)]);
  gradcheck((a) => ops.gather(a, 0, ops.transpose(index)), [randn([3, 5], float64)]);
  expect(ops.gather(arange(3), 0, zeros([0], { dtype: 'int32' })).shape).toEqual([0]);
  expect(() => ops.gather(zeros([1, 2]), 1, index)).toThrow('gather: indices lie in [0, 1]. got 2.');
  expect(() => ops.gather(zeros([1, 2]), 1, tensor([[0]]))).toThrow('gather: indices are int32. got float32');
  expect(() => ops.gather(zeros([3]), 0, index)).toThrow(
    'gather: the index has the rank of x and off axis 0 is no longer than x. got index (1, 4) and x (3).',
  );
});

test('expandDims, squeeze, flatten, broadcastTo', () => {
  expect([0, 1, -1].map((axis) => ops.expandDims(zeros([2, 3]), axis).shape)).toEqual([
    [1, 2, 3],
    [2, 1, 3],
    [2, 3, 1],
  ]);
  expect(ops.unsqueeze(zeros([]), 0).shape).toEqual([1]);
  expect(ops.squeeze(zeros([1, 2, 1])).shape).toEqual([2]);
  expect(ops.squeeze(zeros([1, 2, 1]), -1).shape).toEqual([1, 2]);
  expect(ops.flatten(zeros([2, 3, 4]), 1).shape).toEqual([2, 12]);
  expect(ops.flatten(zeros([2, 0, 4]), 0, 1).shape).toEqual([0, 4]);
  expect(ops.flatten(zeros([])).shape).toEqual([1]);
  expect(ops.broadcastTo(tensor([[1], [2]]), [2, 2, 2]).toArray()).toEqual([
    [[1, 1], [2, 2]],
    [[1, 1], [2, 2]],
  ]); // biome-ignore format: two matrices
  gradcheck((a) => ops.expandDims(ops.transpose(a), 1), [x()]);
  gradcheck((a) => ops.squeeze(a), [randn([1, 3, 1, 2], float64)]);
  gradcheck((a) => ops.squeeze(a, [0, 2]), [randn([1, 3, 1, 2], float64)]);
  gradcheck((a) => ops.flatten(ops.transpose(a), 0, 1), [x()]);
  gradcheck((a) => ops.broadcastTo(a, [2, 3, 4]), [randn([3, 1], float64)]);
  gradcheck((a) => ops.broadcastTo(a, [2, 0]), [randn([2, 1], float64)]);
  expect(() => ops.squeeze(zeros([1, 2]), 1)).toThrow(
    'squeeze: the axes have length 1. got axes [1] of (1, 2).',
  );
  expect(() => ops.flatten(zeros([1, 2]), 1, 0)).toThrow(
    'flatten: the first axis is not behind the last. got 1 and 0.',
  );
  expect(() => ops.broadcastTo(zeros([2]), [3])).toThrow(
    'broadcastTo: the tensor broadcasts to (3). got (2).',
  );
});

test('permute, transpose and reshape', () => {
  gradcheck((a) => ops.permute(a, [2, 0, 1]), [x()]);
  gradcheck((a) => ops.transpose(a, 0), [x()]);
  gradcheck((a) => ops.reshape(ops.transpose(a), [6, -1]), [x()]);
  expect(() => ops.permute(x(), [0, 1])).toThrow(
    'permute: the order names each of the 3 axes once. got [0,1].',
  );
  expect(() => ops.permute(x(), [0, 1, 1])).toThrow(
    'permute: the order names each of the 3 axes once. got [0,1,1].',
  );
  expect(() => ops.reshape(x(), [5, -1])).toThrow(
    'reshape: the new shape holds the 24 elements of (2, 3, 4)',
  );
  expect(() => ops.reshape(x(), [-1, -1])).toThrow('one dimension may be -1');
});
