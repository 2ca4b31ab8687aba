import { expect, test } from 'vitest';
import { gradcheck } from '../../../src/autograd/index.ts';
import { leakyRelu, prelu } from '../../../src/ops/index.ts';
import { randn, tensor, zeros } from '../../../src/tensor/index.ts';
import { expectGolden } from '../../golden/nnOps.ts';

test('value and gradients are those of PyTorch: one slope, one for each channel, and the kink at 0', () => {
  expectGolden('prelu', prelu);
  expectGolden('prelu channels', prelu);
});

test('gradcheck: scalar weight, one value, one for each channel of the last axis', () => {
  const x = randn([2, 3, 4], { dtype: 'float64' });
  for (const shape of [[], [1], [4]]) gradcheck(prelu, [x, randn(shape, { dtype: 'float64' })]);
});

test('a constant weight is leakyRelu', () => {
  const x = randn([5, 4]);
  expect(prelu(x, tensor([0.25])).toArray()).toEqual(leakyRelu(x, { negativeSlope: 0.25 }).toArray());
});

test('±∞ and NaN', () => {
  const y = prelu(tensor([-Infinity, Infinity, Number.NaN]), tensor([0.5]));
  expect([...y.data]).toEqual([-Infinity, Infinity, Number.NaN]);
});

test('a weight that fits no channel is an error', () => {
  expect(() => prelu(zeros([2, 4]), zeros([2]))).toThrow(
    'one for each channel of the last axis. got x (2, 4) and weight (2)',
  );
});
