import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { layerNorm } from '../../src/ops/index.ts';
import { ones, randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const x = randn([2, 3, 5], { dtype: 'float64' });
const [gain, bias] = [randn([5], { dtype: 'float64' }), randn([5], { dtype: 'float64' })];

test('value and gradients are those of PyTorch', () => {
  expectGolden('layerNorm', (x, gain, bias) => layerNorm(x, gain!, bias!));
  expectGolden('layerNorm plain', (x) => layerNorm(x!, null, null, { eps: 1e-3 }));
});

test('gradcheck with and without gain and bias', () => {
  gradcheck((x, gain, bias) => layerNorm(x!, gain!, bias!), [x, gain, bias]);
  gradcheck((x, gain) => layerNorm(x!, gain!), [x, gain]);
  gradcheck((x, bias) => layerNorm(x!, null, bias!), [x, bias]);
  gradcheck((x) => layerNorm(x!, null, null), [x]);
});

test('each row gets mean 0 and variance 1, whatever its offset and scale', () => {
  const big = tensor(
    [...randn([64], { dtype: 'float64' }).data].map((value) => 1e6 + 1e3 * value),
    { dtype: 'float64' },
  );
  const y = [...layerNorm(big, null, null, { eps: 0 }).data];
  const mean = y.reduce((total, value) => total + value) / 64;
  expect(mean).toBeCloseTo(0, 9);
  expect(y.reduce((total, value) => total + (value - mean) ** 2, 0) / 64).toBeCloseTo(1, 9);
});

test('a constant row gives the bias, thanks to eps', () => {
  expect(layerNorm(ones([2, 3]), tensor([5, 5, 5]), tensor([1, 2, 3])).toArray()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('a strided view gives what its copy gives, and NaN spoils its own row only', () => {
  const turned = x.strided([5, 3, 2], [1, 5, 15]);
  expect(layerNorm(turned, null, null).toArray()).toEqual(
    layerNorm(tensor(turned.toArray(), { dtype: 'float64' }), null, null).toArray(),
  );
  const y = layerNorm(
    tensor([
      [Number.NaN, 1],
      [0, 0],
    ]),
    null,
    null,
  ).toArray();
  expect(y).toEqual([
    [Number.NaN, Number.NaN],
    [0, 0],
  ]);
});

test('bad input', () => {
  expect(() => layerNorm(x, zeros([4], { dtype: 'float64' }), null)).toThrow(
    'layerNorm: the gain is as long as the last axis, (5). got (4).',
  );
  expect(() => layerNorm(x, null, zeros([1, 5], { dtype: 'float64' }))).toThrow(
    'the bias is as long as the last axis',
  );
  expect(() => layerNorm(x, ones([5]), null)).toThrow(
    'layerNorm: all tensors have one dtype. got float64, float32.',
  );
  expect(() => layerNorm(tensor(1), null, null)).toThrow(
    'layerNorm: the tensor has at least one axis. got ().',
  );
  // @ts-expect-error a misspelt option
  expect(() => layerNorm(x, null, null, { epsilon: 1 })).toThrow(
    'layerNorm: every option is known. got "epsilon".',
  );
});
