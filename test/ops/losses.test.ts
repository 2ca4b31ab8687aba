/** mse and binaryCrossEntropyWithLogits. */
import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { binaryCrossEntropyWithLogits, mse } from '../../src/ops/index.ts';
import { rand, randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden, goldenTensor } from '../golden/nnOps.ts';

const float64 = { dtype: 'float64' } as const;
const bce = binaryCrossEntropyWithLogits;

describe.each(['mean', 'sum', 'none'] as const)('reduction %s', (reduction) => {
  test('mse: PyTorch and gradcheck', () => {
    expectGolden(`mse ${reduction}`, (prediction, target) => mse(prediction!, target!, { reduction }));
    gradcheck((a, b) => mse(a!, b!, { reduction }), [randn([2, 3], float64), randn([2, 3], float64)]);
  });

  test('binaryCrossEntropyWithLogits: PyTorch and gradcheck', () => {
    expectGolden(`bce ${reduction}`, (x, t) => bce(x!, t!, { reduction }));
    gradcheck((x, t) => bce(x!, t!, { reduction }), [randn([2, 3], float64), rand([2, 3], float64)]);
  });

  test('with a weight for the positive term', () => {
    expectGolden(`bce positive ${reduction}`, (x, t) =>
      bce(x!, t!, { reduction, positiveWeight: goldenTensor('bce positive weights', x!.dtype) }),
    );
    const [x, t, w] = [randn([2, 3], float64), rand([2, 3], float64), rand([3], float64)];
    gradcheck((x, t) => bce(x!, t!, { reduction, positiveWeight: 2.5 }), [x, t]);
    gradcheck((x, t, w) => bce(x!, t!, { reduction, positiveWeight: w! }), [x, t, w]);
  });
});

test('huge scores give finite losses', () => {
  const losses = bce(tensor([1e4, -1e4, 1e4, -1e4]), tensor([1, 0, 0, 1]), { reduction: 'none' });
  expect([...losses.data]).toEqual([0, 0, 1e4, 1e4]);
  expect(bce(tensor([-40], float64), tensor([0], float64)).item() / Math.exp(-40)).toBeCloseTo(1, 12);
  expect(bce(tensor([Number.NaN]), tensor([0])).item()).toBeNaN();
});

test('bad input', () => {
  expect(() => mse(zeros([3, 1]), zeros([3]))).toThrow(
    'mse: prediction and target have one shape. got (3, 1) and (3).',
  );
  expect(() => bce(zeros([3, 1]), zeros([3]))).toThrow(
    'binaryCrossEntropyWithLogits: logits and targets have one shape. got (3, 1) and (3).',
  );
  // @ts-expect-error unknown reduction
  expect(() => mse(zeros([3]), zeros([3]), { reduction: 'men' })).toThrow(
    'reduction is known. got "men". did you mean "mean"?',
  );
  // @ts-expect-error PyTorch's spelling
  expect(() => bce(zeros([3]), zeros([3]), { posWeight: 2 })).toThrow(
    'got "posWeight". known: reduction, positiveWeight.',
  );
});
