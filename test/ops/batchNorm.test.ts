import { expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { batchNorm } from '../../src/ops/index.ts';
import { ones, randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

test('batchNorm of images and of sound', () => {
  expectGolden('batchNorm of images', (x, gain, bias) => batchNorm(x!, gain!, bias!, 1e-5)[0]);
  expectGolden('batchNorm of sound, eps 0.1', (x, gain, bias) => batchNorm(x!, gain!, bias!, 0.1)[0]);
});

test('gradients with a random upstream gradient, also of a view', () => {
  const double = (...shape: number[]) => randn(shape, { dtype: 'float64' });
  gradcheck((x, gain, bias) => batchNorm(x, gain, bias, 1e-3)[0], [double(5, 3), double(3), double(3)]);
});

test('mean and variance of the batch come along, for running statistics', () => {
  const x = tensor([[1, 10], [3, 30], [5, 20]]); // biome-ignore format: rows
  const [, mean, variance] = batchNorm(x, ones([2]), zeros([2]), 1e-5);
  expect(mean.toArray()).toEqual([3, 20]);
  [8 / 3, 200 / 3].forEach((expected, c) => {
    expect(variance.data[c]).toBeCloseTo(expected, 4);
  });
  x.requiresGrad = true;
  const [y] = batchNorm(x, ones([2]), zeros([2]), 1e-5);
  backward(y, ones([3, 2])); // the same push everywhere changes nothing
  expect(Math.max(...(x.grad!.toTypedArray() as Float32Array).map(Math.abs))).toBeLessThan(1e-6);
});

test('bad input', () => {
  expect(() => batchNorm(zeros([4, 3]), ones([4]), zeros([3]), 1e-5)).toThrow(
    'batchNorm: x is (…, C), gain and bias (C)',
  );
});
