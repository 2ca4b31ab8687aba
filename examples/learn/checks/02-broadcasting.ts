import { defineOp, mul, ones, type Tensor } from 'scratchformer';
import { unbroadcast } from '../../../src/autograd/unbroadcast.ts';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, normal } from '../support/compare.ts';

interface Answer {
  unbroadcast(gradient: Tensor, shape: readonly number[]): Tensor;
}

export default {
  shipped: { unbroadcast: (gradient, shape) => unbroadcast('unbroadcast', gradient, shape) },
  steps: {
    'a gradient that fits stays as it is'({ unbroadcast }) {
      const dy = normal(2, 3);
      expectClose('unbroadcast of (2, 3) to (2, 3)', unbroadcast(dy, [2, 3]), dy, 'there is nothing to sum');
    },
    'a new axis in front is summed away'({ unbroadcast }) {
      const dy = ones([4, 3], { dtype: 'float64' });
      const hint = 'a bias (3) was copied to 4 rows: its gradient is the sum over the rows, not their mean';
      expectClose('unbroadcast of (4, 3) to (3)', unbroadcast(dy, [3]), dy.sum(0), hint);
      const cube = normal(2, 4, 3);
      const both = 'two axes are new, and both are summed';
      expectClose('unbroadcast of (2, 4, 3) to (3)', unbroadcast(cube, [3]), cube.sum([0, 1]), both);
    },
    'a stretched axis is summed, and keeps length 1'({ unbroadcast }) {
      const dy = normal(2, 4, 3);
      const hint = 'an axis of length 1 that became longer is summed with { keepDims: true }';
      const kept = { keepDims: true };
      expectClose('unbroadcast of (2, 4, 3) to (2, 1, 3)', unbroadcast(dy, [2, 1, 3]), dy.sum(1, kept), hint);
      expectClose(
        'unbroadcast of (2, 4, 3) to (4, 1)',
        unbroadcast(dy, [4, 1]),
        dy.sum(0).sum(1, kept),
        hint,
      );
      expectClose(
        'unbroadcast of (2, 4, 3) to ()',
        unbroadcast(dy, []),
        dy.sum(),
        'a number was copied everywhere',
      );
    },
    'with it, a product of different shapes has the right gradients'({ unbroadcast }) {
      const product = defineOp({
        name: 'product',
        forward: (a: Tensor, b: Tensor) => ({ output: mul(a, b), saved: { a, b } }),
        backward: (dy, { a, b }) => [unbroadcast(mul(dy, b), a.shape), unbroadcast(mul(dy, a), b.shape)],
      });
      const hint = 'sum over what was stretched, and over nothing else';
      expectGradients(product, [normal(4, 1), normal(2, 1, 3)], { a: hint, b: hint });
    },
  },
} satisfies Check<Answer>;
