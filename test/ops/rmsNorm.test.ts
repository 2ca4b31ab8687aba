import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { rmsNorm } from '../../src/ops/index.ts';
import { ones, randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';
import { expectClose } from '../support/golden.ts';

const x = randn([2, 3, 5], { dtype: 'float64' });
const gain = randn([5], { dtype: 'float64' });

test('value and gradients are those of PyTorch', () => {
  expectGolden('rmsNorm', (x, gain) => rmsNorm(x!, gain!));
  expectGolden('rmsNorm plain', (x) => rmsNorm(x!, null, { eps: 1e-2 }));
});

test('gradcheck with and without gain', () => {
  gradcheck((x, gain) => rmsNorm(x!, gain!), [x, gain]);
  gradcheck((x) => rmsNorm(x!), [x]);
  gradcheck((gain) => rmsNorm(x, gain!), [gain]);
});

test('each row gets mean square 1 whatever its scale, and keeps its offset', () => {
  const big = tensor(
    [...randn([64], { dtype: 'float64' }).data].map((value) => 1e3 * (2 + value)),
    { dtype: 'float64' },
  );
  const y = [...rmsNorm(big).data];
  expect(y.reduce((total, value) => total + value * value, 0) / 64).toBeCloseTo(1, 9);
  expect(y.reduce((total, value) => total + value) / 64).toBeGreaterThan(0.5);
  expectClose(
    rmsNorm(tensor(big.data.map((value) => -7 * value))),
    tensor(y.map((value) => -value)).toArray(),
    1e-6,
  );
});

test('a row of zeros stays zeros, thanks to eps; a strided view gives what its copy gives', () => {
  expect(rmsNorm(zeros([1, 3]), tensor([5, 6, 7])).toArray()).toEqual([[0, 0, 0]]);
  const turned: Tensor = x.strided([5, 3, 2], [1, 5, 15]);
  expect(rmsNorm(turned).toArray()).toEqual(
    rmsNorm(tensor(turned.toArray(), { dtype: 'float64' })).toArray(),
  );
});

test('bad input', () => {
  expect(() => rmsNorm(x, zeros([4], { dtype: 'float64' }))).toThrow(
    'rmsNorm: the gain is as long as the last axis, (5). got (4).',
  );
  expect(() => rmsNorm(x, ones([5]))).toThrow('rmsNorm: all tensors have one dtype. got float64, float32.');
  expect(() => rmsNorm(tensor(1))).toThrow('rmsNorm: the tensor has at least one axis. got ().');
  // @ts-expect-error a misspelt option
  expect(() => rmsNorm(x, null, { epsilon: 1 })).toThrow('rmsNorm: every option is known. got "epsilon".');
});
