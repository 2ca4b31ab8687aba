import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { arange, randn, setDefaultDtype, tensor } from '../../src/tensor/index.ts';

describe('comparisons', () => {
  const [a, b] = [tensor([1, 2, 3]), tensor([[2], [3]])];

  test('values, with broadcasting', () => {
    expect(ops.equal(a, b).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(ops.notEqual(a, 2).toArray()).toEqual([1, 0, 1]);
    expect(ops.less(a, 2).toArray()).toEqual([1, 0, 0]);
    expect(ops.lessEqual(a, 2).toArray()).toEqual([1, 1, 0]);
    expect(ops.greater(2, a).toArray()).toEqual([1, 0, 0]);
    expect(ops.greaterEqual(2, a).toArray()).toEqual([1, 1, 0]);
  });

  test('NaN is unequal to everything', () => {
    const nan = tensor([Number.NaN]);
    expect(ops.equal(nan, nan).item()).toBe(0);
    expect(ops.notEqual(nan, nan).item()).toBe(1);
    expect(ops.greaterEqual(nan, nan).item()).toBe(0);
  });

  test('the float type of the operands; of integers the default one', () => {
    expect(ops.less(tensor([1], { dtype: 'float64' }), 2).dtype).toBe('float64');
    expect(ops.less(arange(3), a).dtype).toBe('float32');
    expect(ops.less(arange(3), 2).dtype).toBe('float32');
    setDefaultDtype('float64');
    expect(ops.less(arange(3), arange(3)).dtype).toBe('float64');
    setDefaultDtype('float32');
  });

  test('integers are compared exactly: with fractions, and beyond what float32 can tell apart', () => {
    expect(ops.less(arange(3), 0.5).toArray()).toEqual([1, 0, 0]);
    const large = 2 ** 24;
    expect(ops.equal(tensor([large + 1], { dtype: 'int32' }), large).item()).toBe(0);
  });

  test('the gradient is zero, not an error', () => {
    const [x, y] = [randn([3], { requiresGrad: true }), randn([2, 1], { requiresGrad: true })];
    backward(ops.sum(ops.add(ops.greater(x, y), ops.equal(x, x))));
    expect(x.grad!.toArray()).toEqual([0, 0, 0]);
    expect(y.grad!.toArray()).toEqual([[0], [0]]);
  });
});

describe('where', () => {
  const c = tensor([[1], [0]]);

  test('values: any number but 0 chooses the first, NaN and infinity of the other have no influence', () => {
    const [yes, no] = [tensor([1, 2, Number.NaN]), tensor([Number.NaN, 5, 6])];
    expect(ops.where(c, yes, no).toArray()).toEqual([
      [1, 2, Number.NaN],
      [Number.NaN, 5, 6],
    ]);
    expect(ops.where(tensor([-1, Number.NaN, 0]), 1, 2).toArray()).toEqual([1, 1, 2]);
    expect(ops.where(tensor([1, 0], { dtype: 'int32' }), arange(2), 7).dtype).toBe('int32');
  });

  test('gradients, broadcast on every side', () => {
    const options = { dtype: 'float64' } as const;
    gradcheck((a, b) => ops.where(c, a, b), [randn([2, 3], options), randn([2, 3], options)]);
    gradcheck((a, b) => ops.where(c, a, b), [randn([3], options), randn([4, 1, 1], options)]);
    gradcheck((a) => ops.where(c, a, 3), [randn([], options)]);
    gradcheck((a) => ops.maskedFill(a, c, -1), [randn([2, 3], options)]);
  });

  test('a NaN in what is not chosen does not reach the gradient', () => {
    const x = tensor([-1, 4], { requiresGrad: true });
    backward(ops.sum(ops.where(ops.greater(x, 0), x, ops.mul(x, 0))));
    expect(x.grad!.toArray()).toEqual([0, 1]);
  });

  test('maskedFill broadcasts its mask', () => {
    expect(
      ops
        .maskedFill(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([0, 1]),
          -9,
        )
        .toArray(),
    ).toEqual([
      [1, -9],
      [3, -9],
    ]);
  });
});
