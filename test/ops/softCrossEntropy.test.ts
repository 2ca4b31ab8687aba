/** Cross entropy with probabilities as targets. */
import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { type CrossEntropyOptions, crossEntropy, logSoftmax, softmax } from '../../src/ops/index.ts';
import { randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const float64 = { dtype: 'float64' } as const;
const w = [0.5, 2, 1, 0, 3];
const classes = [[1, 4, 0], [2, 3, 1]]; // biome-ignore format: rows
const oneHot = (dtype: 'float32' | 'float64') =>
  tensor(classes.map((row) => row.map((y) => w.map((_, c) => (c === y ? 1 : 0)))), { dtype }); // biome-ignore format: one line
const variants: [string, CrossEntropyOptions][] = [
  ['plain', {}],
  ['smoothing', { labelSmoothing: 0.1 }],
  ['weights', { weights: tensor(w, float64) }],
  ['everything', { labelSmoothing: 0.3, weights: tensor(w, float64) }],
];
const reductions = ['mean', 'sum', 'none'] as const;

describe.each(variants)('%s', (_, options) => {
  test('is the formula −Σ w·((1−ε)·t + ε/V)·log p, and the mean is over positions', () => {
    const [x, t] = [randn([2, 3, 5], float64), softmax(randn([2, 3, 5], float64))];
    const [logits, targets] = [x.toArray(), t.toArray()] as number[][][][];
    const smoothing = options.labelSmoothing ?? 0;
    const losses = logits!.map((rows, b) =>
      rows.map((row, i) => {
        const logSum = Math.log(row.reduce((total, v) => total + Math.exp(v), 0));
        return row.reduce((total, v, c) => {
          const u = (options.weights ? w[c]! : 1) * ((1 - smoothing) * targets![b]![i]![c]! + smoothing / 5);
          return total - u * (v - logSum);
        }, 0);
      }),
    );
    const sum = losses.flat().reduce((a, b) => a + b);
    expectClose(crossEntropy(x, t, { ...options, reduction: 'none' }), losses, 1e-13);
    expect(crossEntropy(x, t, { ...options, reduction: 'sum' }).item()).toBeCloseTo(sum, 12);
    expect(crossEntropy(x, t, options).item()).toBeCloseTo(sum / 6, 13);
  });

  test.each(reductions)('gradients of logits and of targets, %s', (reduction) => {
    const inputs = [randn([2, 3, 5], float64), softmax(randn([2, 3, 5], float64))] as const;
    gradcheck((x, t) => crossEntropy(x, t, { ...options, reduction }), [...inputs]);
  });

  test.each(['sum', 'none'] as const)('one-hot targets are the classes, %s', (reduction) => {
    const x = randn([2, 3, 5], { ...float64, requiresGrad: true });
    const all = { ...options, reduction };
    const gradients = [oneHot('float64'), tensor(classes, { dtype: 'int32' })].map((targets) => {
      const loss = crossEntropy(x, targets, all);
      x.grad = null;
      backward(loss, tensor(loss.shape.length ? [[1, -2, 3], [4, 0.5, 6]] : 1, float64)); // biome-ignore format: one line
      return x.grad as Tensor | null;
    });
    expectClose(gradients[0]!, gradients[1]!.toArray(), 1e-13);
    const soft = crossEntropy(x, oneHot('float64'), all);
    expectClose(soft, crossEntropy(x, tensor(classes, { dtype: 'int32' }), all).toArray(), 1e-13);
  });
});

test('the gradients in closed form: (softmax − t)/rows of logits, −log softmax/rows of targets', () => {
  const x = randn([4, 3], { requiresGrad: true });
  const t = tensor([[0.2, 0.3, 0.5], [1, 0, 0], [0, 0.5, 0.5], [0.1, 0.1, 0.8]], { requiresGrad: true }); // biome-ignore format: rows
  backward(crossEntropy(x, t));
  const [p, logP] = [softmax(x).toArray(), logSoftmax(x).toArray()] as number[][][];
  const rows = t.toArray() as number[][];
  expectClose(x.grad!, p!.map((row, i) => row.map((value, c) => (value - rows[i]![c]!) / 4)), 1e-7); // biome-ignore format: one line
  expectClose(t.grad!, logP!.map((row) => row.map((value) => -value / 4)), 1e-7); // biome-ignore format: one line
});

test('of its own softmax it is the entropy, and no other distribution has a lower one', () => {
  const x = randn([1, 6], float64);
  const [p] = softmax(x).toArray() as number[][];
  const entropy = p!.reduce((total, value) => total - value * Math.log(value), 0);
  const t = softmax(x);
  expect(crossEntropy(x, t).item()).toBeCloseTo(entropy, 13);
  for (let i = 0; i < 20; i++)
    expect(crossEntropy(randn([1, 6], float64), t).item()).toBeGreaterThan(entropy);
});

test('weights get no gradient; one position needs no batch', () => {
  const weights = tensor([1, 2], { requiresGrad: true });
  const x = zeros([2], { requiresGrad: true });
  const loss = crossEntropy(x, tensor([0.25, 0.75]), { weights });
  expect(loss.item()).toBeCloseTo(1.75 * Math.log(2), 6);
  backward(loss);
  expect(weights.grad).toBeNull();
  expectClose(x.grad!, [1.75 / 2 - 0.25, 1.75 / 2 - 1.5], 1e-6);
});

test('a forbidden class is NaN, as in PyTorch', () => {
  expect(crossEntropy(tensor([[0, Number.NEGATIVE_INFINITY]]), tensor([[1, 0]])).item()).toBeNaN();
});

test('bad input', () => {
  const logits = zeros([2, 3]);
  expect(() => crossEntropy(logits, zeros([3, 2]))).toThrow(
    'crossEntropy: targets that are probabilities have the shape of the logits. got logits (2, 3) and targets (3, 2).',
  );
  expect(() => crossEntropy(logits, zeros([2, 3], float64))).toThrow(
    'crossEntropy: all tensors have one dtype. got float32, float64.',
  );
  expect(() => crossEntropy(logits, tensor([[0, 1, 0], [0, 1, 0]], { dtype: 'int32' }))).toThrow(
    'crossEntropy: logits are (…, V) and targets (…). got logits (2, 3) and targets (2, 3). targets (…, V) are probabilities, and float.',
  ); // biome-ignore format: rows
  expect(() => crossEntropy(logits, zeros([2, 3]), { ignoreIndex: 0 })).toThrow(
    'crossEntropy: ignoreIndex goes with classes as targets. got 0 and float32 targets.',
  );
  expect(() => crossEntropy(zeros([]), zeros([]))).toThrow('crossEntropy: logits are (…, V). got ().');
  expect(() => crossEntropy(logits, zeros([2, 3]), { weights: zeros([2]) })).toThrow(
    'one weight for each of the 3 classes. got (2).',
  );
  expect(() => crossEntropy(logits, zeros([2, 3]), { labelSmoothing: 1.5 })).toThrow(
    'labelSmoothing lies in [0, 1]. got 1.5.',
  );
});
