import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { logSoftmax, logSumExp, softmax } from '../../src/ops/index.ts';
import { randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const x = randn([3, 4, 5], { dtype: 'float64' });

describe.each([-1, 0, 1])('axis %i', (axis) => {
  test('softmax: PyTorch and gradcheck', () => {
    expectGolden(`softmax ${axis}`, (x) => softmax(x, axis));
    gradcheck((x) => softmax(x, axis), [x]);
  });
  test('logSoftmax: PyTorch and gradcheck', () => {
    expectGolden(`logSoftmax ${axis}`, (x) => logSoftmax(x, axis));
    gradcheck((x) => logSoftmax(x, axis), [x]);
  });
  test('logSumExp: PyTorch and gradcheck', () => {
    expectGolden(`logSumExp ${axis}`, (x) => logSumExp(x, axis));
    gradcheck((x) => logSumExp(x, axis), [x]);
    gradcheck((x) => logSumExp(x, axis, { keepDims: true }), [x]);
  });
});

test('logSumExp keeps a reduced axis with length 1', () => {
  expectGolden('logSumExp keepDims', (x) => logSumExp(x, 1, { keepDims: true }));
  expect(logSumExp(x, 0, { keepDims: true }).shape).toEqual([1, 4, 5]);
});

test('rows sum to 1, and adding a constant changes nothing', () => {
  const scores = fc.array(fc.double({ min: -700, max: 700, noNaN: true }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(scores, fc.integer({ min: -1000, max: 1000 }), (row, shift) => {
      const y = [...softmax(tensor(row, { dtype: 'float64' })).data];
      const shifted = softmax(
        tensor(
          row.map((value) => value + shift),
          { dtype: 'float64' },
        ),
      ).data;
      expect(y.reduce((total, value) => total + value)).toBeCloseTo(1, 12);
      for (const [i, value] of y.entries()) expect(shifted[i]).toBeCloseTo(value, 10);
    }),
  );
});

test('huge scores neither overflow nor cost digits', () => {
  expect(softmax(tensor([1e4, 1e4, -1e4])).toArray()).toEqual([0.5, 0.5, 0]);
  expect(logSumExp(tensor([1e30, 1e30], { dtype: 'float64' })).item()).toBe(1e30);
  expect(logSumExp(tensor([-1e4, -1e4], { dtype: 'float64' })).item()).toBeCloseTo(Math.log(2) - 1e4, 10);
  expect(logSoftmax(tensor([0, -1e4])).toArray()).toEqual([0, -1e4]);
  // In float32, 1e4 + 0.313 has three digits after the point; the difference has all of them.
  const y = logSoftmax(tensor([1e4, 1e4 + 1])).data;
  expect(y[1]).toBeCloseTo(-Math.log1p(Math.exp(-1)), 6);
  expectGolden('logSoftmax large', (x) => logSoftmax(x!), ['float64']);
});

test('−∞ is a score that never wins; a row of nothing else has no distribution', () => {
  const never = Number.NEGATIVE_INFINITY;
  expect(softmax(tensor([0, never, 0])).toArray()).toEqual([0.5, 0, 0.5]);
  expect(logSoftmax(tensor([0, never])).toArray()).toEqual([0, never]);
  expect(softmax(tensor([never, never])).toArray()).toEqual([Number.NaN, Number.NaN]);
  expect(logSumExp(tensor([never, never])).item()).toBe(never);
  expect(logSumExp(tensor([0, Infinity])).item()).toBe(Infinity);
});

test('NaN spoils its own row only', () => {
  const row = tensor([
    [Number.NaN, 1],
    [0, 0],
  ]);
  expect(softmax(row).toArray()).toEqual([
    [Number.NaN, Number.NaN],
    [0.5, 0.5],
  ]);
  expect(logSumExp(row).toArray()).toEqual([Number.NaN, Math.fround(Math.log(2))]);
});

test('a strided view gives what its copy gives', () => {
  const turned = x.strided([5, 4, 3], [1, 5, 20]);
  const copy = tensor(turned.toArray(), { dtype: 'float64' });
  for (const f of [softmax, logSoftmax, logSumExp]) expect(f(turned).toArray()).toEqual(f(copy).toArray());
});

test('no rows, no work', () => {
  for (const f of [softmax, logSoftmax]) expect(f(zeros([0, 3])).shape).toEqual([0, 3]);
  expect(logSumExp(zeros([0, 3])).shape).toEqual([0]);
});

test('an axis that is not there is an error', () => {
  expect(() => softmax(x, 3)).toThrow('softmax: axis lies in [-3, 2] for a tensor of rank 3. got axis 3.');
  expect(() => logSoftmax(x, -4)).toThrow('logSoftmax: axis lies in');
  expect(() => logSumExp(x, 5)).toThrow('logSumExp: axis lies in');
  // @ts-expect-error PyTorch's spelling
  expect(() => logSumExp(x, 0, { keepdim: true })).toThrow('did you mean "keepDims"?');
});
