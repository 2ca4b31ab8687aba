import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { arange, randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';

const float64 = { dtype: 'float64' } as const;

type Reduce = (x: Tensor, axes?: number | readonly number[], options?: ops.ReduceOptions) => Tensor;

const reductions: [name: string, op: Reduce, naive: (values: number[]) => number][] = [
  ['sum', ops.sum, (values) => values.reduce((a, b) => a + b, 0)],
  ['mean', ops.mean, (values) => values.reduce((a, b) => a + b, 0) / values.length],
  ['max', ops.max, (values) => Math.max(...values)],
  ['min', ops.min, (values) => Math.min(...values)],
  ['variance', (x, axes, options) => ops.variance(x, axes, { ...options, correction: 0 }), varianceOf],
];

function varianceOf(values: number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
}

/** Any axes, or none given, of a random tensor that may be a transposed view. */
const reductionCase = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      ),
      fc.boolean(),
      fc.boolean(),
    ),
  );

describe.each(reductions)('%s', (name, op, naive) => {
  test('is the naive reduction over any axes of any view', () => {
    fc.assert(
      fc.property(reductionCase, ([shape, axes, keepDims, transposed]) => {
        const x = transposed
          ? ops.transpose(randn([...shape].reverse(), float64), 0, -1)
          : randn(shape, float64);
        const y = op(x, axes, { keepDims });
        const groups = new Map<string, number[]>();
        eachIndex(
          x.shape,
          (at, value) => {
            const key = at.filter((_, axis) => !axes.includes(axis)).join();
            groups.set(key, [...(groups.get(key) ?? []), value]);
          },
          x,
        );
        const expected = [...groups.values()].map(naive);
        expect(y.shape).toEqual(
          x.shape.flatMap((d, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [d])),
        );
        const got = y.toTypedArray();
        for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 10);
      }),
      { numRuns: 60 },
    );
  });

  test('gradients: all, one, several, negative axes, keepDims, a view', () => {
    gradcheck((x) => op(x), [randn([2, 3], float64)]);
    gradcheck((x) => op(x, 1), [randn([2, 3, 2], float64)]);
    gradcheck((x) => op(x, [0, -1]), [randn([2, 3, 2], float64)]);
    gradcheck((x) => op(x, -2, { keepDims: true }), [randn([2, 3, 2], float64)]);
    gradcheck((x) => op(ops.permute(x, [2, 0, 1]), [0, 1], { keepDims: true }), [randn([2, 3, 2], float64)]);
  });

  test('bad input', () => {
    const x = randn([2, 3]);
    expect(() => op(x, 2)).toThrow(/axis lies in \[-2, 1\] for a tensor of rank 2\. got axis 2\./);
    expect(() => op(x, [0, -2])).toThrow('axes are distinct');
    expect(() => op(x, 0, { keepdim: true } as never)).toThrow(
      `${name}: every option is known. got "keepdim". did you mean "keepDims"?`,
    );
  });

  test('of no elements', () => {
    expect(op(zeros([0, 3]), 1).shape).toEqual([0]);
    if (name === 'sum') {
      expect(op(zeros([0, 3]), 0).toArray()).toEqual([0, 0, 0]);
      expect(op(zeros([0])).item()).toBe(0);
    } else {
      expect(() => op(zeros([0, 3]), 0)).toThrow(
        `${name}: at least one element is reduced. got shape (0, 3), axes [0].`,
      );
      expect(() => op(zeros([0]))).toThrow(
        `${name}: at least one element is reduced. got shape (0), axes all.`,
      );
    }
  });
});

test('ties: along an axis the first winner takes the gradient, over axes winners share it', () => {
  const gradient = (f: (x: Tensor) => Tensor) => {
    const x = tensor([3, 1, 3], { requiresGrad: true });
    backward(f(x));
    return x.grad!.toArray();
  };
  expect(gradient((x) => ops.max(x, 0))).toEqual([1, 0, 0]);
  expect(gradient((x) => ops.max(x, [0]))).toEqual([0.5, 0, 0.5]);
  expect(gradient((x) => ops.max(x))).toEqual([0.5, 0, 0.5]);
  expect(gradient((x) => ops.min(ops.neg(x), 0))).toEqual([-1, 0, 0]);
});

test('NaN wins max, min and argmax', () => {
  const x = tensor([
    [1, Number.NaN, 5],
    [7, 8, 9],
  ]);
  expect(ops.max(x, 1).toArray()).toEqual([Number.NaN, 9]);
  expect(ops.min(x).item()).toBeNaN();
  expect(ops.argmax(x, 1).toArray()).toEqual([1, 2]);
});

test('max, min and sum of integers; mean needs floats', () => {
  expect(ops.max(arange(6)).item()).toBe(5);
  expect(ops.min(ops.reshape(arange(6), [2, 3]), 0).toArray()).toEqual([0, 1, 2]);
  expect(ops.sum(arange(6)).dtype).toBe('int32');
  expect(() => ops.mean(arange(6))).toThrow('mean: the tensor is float32 or float64');
});

test('integers at the ends of int32: min and max are exact, sums that do not fit are an error', () => {
  const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
  const x = tensor([[low, 5, high], [high, low, 0]], { dtype: 'int32' }); // biome-ignore format: a matrix
  expect(ops.min(x).item()).toBe(low);
  expect(ops.min(x, 1).toArray()).toEqual([low, low]);
  expect(ops.min(x, [0], { keepDims: true }).toArray()).toEqual([[low, low, 0]]);
  expect(ops.min(x).dtype).toBe('int32');
  expect(ops.max(x, 0).toArray()).toEqual([high, 5, high]);
  expect(ops.argmax(x, 1).toArray()).toEqual([2, 0]);
  expect(ops.sum(x, 1).toArray()).toEqual([4, -1]);
  expect(ops.sum(x, 0).toArray()).toEqual([-1, low + 5, high]);
  expect(ops.cumsum(x, 1).toArray()).toEqual([[low, low + 5, 4], [high, -1, -1]]); // biome-ignore format: a matrix
  expect(() => ops.sum(tensor([high, 1], { dtype: 'int32' }))).toThrow(
    'sum: int32 holds the number. got 2147483648 at index 0. take a float dtype, float64 for large numbers.',
  );
  expect(ops.sum(tensor([[high, 1], [low, 0]], { dtype: 'int32' })).item()).toBe(0); // biome-ignore format: a matrix
  expect(() => ops.cumsum(tensor([0, high, 1], { dtype: 'int32' }), 0)).toThrow(
    'cumsum: int32 holds the number. got 2147483648 at index 2',
  );
});

test('a large mean costs the variance no digits, nor its gradient', () => {
  const x = tensor([1e8, 1e8 + 8, 1e8 + 16, 1e8], { requiresGrad: true }); // the mean, 1e8 + 6, is no float32
  const y = ops.variance(x, 0);
  expect(y.item()).toBeCloseTo(176 / 3, 4);
  backward(y);
  [-4, 4 / 3, 20 / 3, -4].forEach((slope, i) => {
    expect(x.grad!.data[i]).toBeCloseTo(slope, 4);
  });
});

test('a variance is found where the sum of the squares would overflow', () => {
  const x = tensor([1e19, -1e19, 2e19, 0], { requiresGrad: true });
  const y = ops.variance(x);
  expect(y.item() / 1e38).toBeCloseTo(5 / 3, 5);
  backward(y);
  [1 / 3, -1, 1, -1 / 3].forEach((slope, i) => {
    expect(x.grad!.data[i]! / 1e19).toBeCloseTo(slope, 5);
  });
});

test('variance: correction 1 unless said otherwise, exact beside a large mean, an error without a degree of freedom', () => {
  expect(ops.variance(tensor([1, 2, 3, 4], float64)).item()).toBeCloseTo(5 / 3, 14);
  expect(ops.variance(tensor([1e9 + 1, 1e9 + 3], float64), 0, { correction: 0 }).item()).toBe(1);
  expect(() => ops.variance(tensor([1]))).toThrow(
    'variance: more elements are reduced than the correction subtracts. got 1 with correction 1. pass { correction: 0 } for the mean squared deviation.',
  );
});

test('argmax: axes, keepDims, a view, no gradient', () => {
  const x = tensor(
    [
      [1, 9, 3],
      [9, 2, 9],
    ],
    { requiresGrad: true },
  );
  expect(ops.argmax(x).item()).toBe(1);
  expect(ops.argmax(x, 1).toArray()).toEqual([1, 0]);
  expect(ops.argmax(ops.transpose(x), 0, { keepDims: true }).toArray()).toEqual([[1, 0]]);
  expect(ops.argmax(x, undefined, { keepDims: true }).shape).toEqual([1, 1]);
  expect(ops.argmax(x).requiresGrad).toBe(false);
  expect(() => ops.argmax(zeros([0]))).toThrow('argmax: at least one element');
});

test('cumsum', () => {
  expect(
    ops
      .cumsum(
        tensor([
          [1, 2],
          [3, 4],
        ]),
        0,
      )
      .toArray(),
  ).toEqual([
    [1, 2],
    [4, 6],
  ]);
  gradcheck((x) => ops.cumsum(x, 1), [randn([2, 3, 2], float64)]);
  gradcheck((x) => ops.cumsum(ops.transpose(x), -1), [randn([3, 2], float64)]);
  expect(ops.cumsum(zeros([2, 0]), 1).shape).toEqual([2, 0]);
  expect(() => ops.cumsum(zeros([2]), 1)).toThrow('cumsum: axis lies in [-1, 0]');
});

function eachIndex(shape: readonly number[], visit: (at: number[], value: number) => void, x: Tensor): void {
  const walk = (at: number[]) => {
    if (at.length === shape.length) visit(at, x.array.get(...at));
    else for (let i = 0; i < shape[at.length]!; i++) walk([...at, i]);
  };
  walk([]);
}
