import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { softCap } from '../../src/ops/index.ts';
import { randn, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

test('is cap·tanh(x/cap): the same near 0, between ±cap, in the same order, with a right gradient', () => {
  const x = tensor([-1e30, -60, -30, -1, -1e-3, 0, 1e-3, 2, 1e30], { dtype: 'float64' });
  const tanh = [-1, Math.tanh(-2), Math.tanh(-1), Math.tanh(-1 / 30), Math.tanh(-1e-3 / 30), 0];
  expectClose(softCap(x, 30), [...tanh, ...[1e-3, 2, 1e30].map((x) => Math.tanh(x / 30))].map((y) => 30 * y), 1e-12);
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (cap) => {
      gradcheck((x) => softCap(x, cap), [randn([3, 4], { dtype: 'float64' })]);
    }),
    { numRuns: 20 },
  );
}); // biome-ignore format: shorter

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a cap of %d', (cap) => {
  expect(() => softCap(randn([1]), cap)).toThrow(`softCap: cap is a finite number > 0. got ${cap}.`);
});
