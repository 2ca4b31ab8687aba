import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { type CrossEntropyOptions, crossEntropy } from '../../src/ops/index.ts';
import { randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden, goldenTensor } from '../golden/nnOps.ts';

const int32 = { dtype: 'int32' } as const;
const variants: [string, CrossEntropyOptions, boolean][] = [
  ['plain', {}, false],
  ['smoothing', { labelSmoothing: 0.1 }, false],
  ['ignore', {}, false],
  ['ignore class 2', { ignoreIndex: 2 }, false],
  ['weights', {}, true],
  ['everything', { labelSmoothing: 0.2 }, true],
];

describe.each(['mean', 'sum', 'none'] as const)('reduction %s', (reduction) => {
  test.each(variants)('%s: PyTorch and gradcheck', (name, options, weighted) => {
    const weights = (dtype: 'float32' | 'float64') =>
      weighted ? goldenTensor('crossEntropy weights', dtype) : null;
    expectGolden(`crossEntropy ${name} ${reduction}`, (logits, targets) =>
      crossEntropy(logits!, targets!, {
        ...options,
        reduction,
        weights: weights(logits!.dtype as 'float32'),
      }),
    );
    const targets = tensor(
      [
        [1, 2, -100],
        [0, 6, 2],
      ],
      int32,
    );
    const clean =
      options.ignoreIndex === 2
        ? tensor(
            [
              [1, 2, 3],
              [0, 6, 2],
            ],
            int32,
          )
        : targets;
    gradcheck(
      (logits) => crossEntropy(logits!, clean, { ...options, reduction, weights: weights('float64') }),
      [randn([2, 3, 7], { dtype: 'float64' })],
    );
  });
});

test('uniform scores cost log V, and a sure hit nothing', () => {
  expect(crossEntropy(zeros([3, 8]), tensor([0, 5, 7], int32)).item()).toBeCloseTo(Math.log(8), 6);
  expect(crossEntropy(tensor([[1e4, 0]]), tensor([0], int32)).item()).toBe(0);
  expect(crossEntropy(tensor([[1e4, 0]]), tensor([1], int32)).item()).toBe(1e4);
});

test('an ignored position has loss 0 and no gradient, even where its scores are NaN', () => {
  const logits = tensor(
    [
      [Number.NaN, Number.NaN],
      [0, 0],
    ],
    { requiresGrad: true },
  );
  const loss = crossEntropy(logits, tensor([-100, 1], int32));
  expect(loss.item()).toBeCloseTo(Math.log(2), 6);
  backward(loss);
  expect(logits.grad!.toArray()).toEqual([
    [0, 0],
    [0.5, -0.5],
  ]);
});

test('if every target is ignored the mean is 0/0, the sum 0', () => {
  const [logits, targets] = [randn([2, 3]), tensor([-100, -100], int32)];
  expect(crossEntropy(logits, targets).item()).toBeNaN();
  expect(crossEntropy(logits, targets, { reduction: 'sum' }).item()).toBe(0);
});

test('−∞ forbids a class; NaN in, NaN out', () => {
  expect(crossEntropy(tensor([[0, 0, Number.NEGATIVE_INFINITY]]), tensor([1], int32)).item()).toBeCloseTo(
    Math.log(2),
    6,
  );
  expect(crossEntropy(tensor([[0, Number.NEGATIVE_INFINITY]]), tensor([1], int32)).item()).toBe(Infinity);
  expect(crossEntropy(tensor([[0, Number.NaN]]), tensor([0], int32)).item()).toBeNaN();
});

describe.each(['float32', 'float64'] as const)('%s: the size of the logits costs no digits', (dtype) => {
  test.each([0, 1e3, -1e3, 1e6, -1e9])('gradient beside %d', (offset) => {
    const row = [0.5, -1.25, 2, 0].map((value) => (Math.abs(offset) === 1e9 ? 256 : 1) * value + offset); // exact
    const logits = tensor([row], { dtype, requiresGrad: true });
    const loss = crossEntropy(logits, tensor([1], int32));
    const exps = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = exps.reduce((a, b) => a + b);
    const digits = dtype === 'float32' ? 6 : 13;
    const expected = Math.max(...row) - row[1]! + Math.log(sum);
    expect(loss.item() / expected).toBeCloseTo(1, digits);
    backward(loss);
    exps.forEach((e, c) => {
      expect(logits.grad!.data[c]).toBeCloseTo(e / sum - (c === 1 ? 1 : 0), digits);
    });
  });

  test('a finite loss is found at the ends of the range', () => {
    const logits = tensor([[3e38, 3e38, -3e38, 3e38]], { dtype, requiresGrad: true });
    const loss = crossEntropy(logits, tensor([0], int32));
    expect(loss.item()).toBeCloseTo(Math.log(3), 6);
    backward(loss);
    [-2 / 3, 1 / 3, 0, 1 / 3].forEach((slope, c) => {
      expect(logits.grad!.data[c]).toBeCloseTo(slope, 6);
    });
    const weights = tensor([2, 1, 1, 1], { dtype });
    expect(crossEntropy(logits, tensor([0], int32), { weights, reduction: 'sum' }).item()).toBeCloseTo(
      2 * Math.log(3),
      5,
    );
    const smoothed = crossEntropy(logits, tensor([0], int32), { labelSmoothing: 0.1 }).item();
    expect(smoothed / 1.5e37).toBeCloseTo(1, 6); // 0.1/4·6e38
    const unlikely = crossEntropy(logits, tensor([2], int32)).item();
    if (dtype === 'float32') expect(unlikely).toBe(Infinity);
    else expect(unlikely / 6e38).toBeCloseTo(1, 6);
  });
});

test('one position without batch axes', () => {
  expect(crossEntropy(zeros([4]), tensor(2, int32)).item()).toBeCloseTo(Math.log(4), 6);
});

test('bad input', () => {
  const logits = zeros([2, 3]);
  expect(() => crossEntropy(logits, tensor([0, 3], int32))).toThrow(
    'crossEntropy: a target lies in [0, 3) or is ignoreIndex (-100). got target out of range: 3 at index 1.',
  );
  expect(() => crossEntropy(logits, tensor([-1, 0], int32))).toThrow('target out of range: -1 at index 0');
  expect(() => crossEntropy(logits, tensor([0], int32))).toThrow('got logits (2, 3) and targets (1).');
  expect(() => crossEntropy(logits, zeros([2]))).toThrow('indices are int32');
  expect(() => crossEntropy(logits, tensor([0, 1], int32), { weights: zeros([2]) })).toThrow(
    'one weight for each of the 3 classes',
  );
  expect(() => crossEntropy(logits, tensor([0, 1], int32), { labelSmoothing: 2 })).toThrow(
    'labelSmoothing lies in [0, 1]. got 2.',
  );
  // @ts-expect-error unknown reduction
  expect(() => crossEntropy(logits, tensor([0, 1], int32), { reduction: 'avg' })).toThrow(
    'reduction is known. got "avg"',
  );
  // @ts-expect-error misspelt option
  expect(() => crossEntropy(logits, tensor([0, 1], int32), { ignore: 1 })).toThrow(
    'every option is known. got "ignore"',
  );
});
