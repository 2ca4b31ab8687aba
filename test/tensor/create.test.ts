import ndarray from 'ndarray';
import { afterEach, describe, expect, test } from 'vitest';
import { clone, slice, transpose } from '../../src/ops/index.ts';
import {
  arange,
  full,
  getDefaultDtype,
  manualSeed,
  type NdArray,
  ones,
  rand,
  randn,
  setDefaultDtype,
  Tensor,
  tensor,
  toNdarray,
  zeros,
} from '../../src/tensor/index.ts';

afterEach(() => setDefaultDtype('float32'));

describe('tensor', () => {
  test('from a number and nested arrays', () => {
    expect(tensor(3).shape).toEqual([]);
    expect(tensor(3).item()).toBe(3);
    const x = tensor([[[1, 2, 3]], [[4, 5, 6]]]);
    expect(x.shape).toEqual([2, 1, 3]);
    expect(x.toArray()).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([[], []]).toArray()).toEqual([[], []]);
  });

  test('dtype: the values own one if they have it, else the default, else what is asked for', () => {
    expect(tensor([1]).dtype).toBe('float32');
    expect(tensor(Float64Array.of(1)).dtype).toBe('float64');
    expect(tensor(Int32Array.of(1)).dtype).toBe('int32');
    expect(tensor(Uint8Array.of(1)).dtype).toBe('float32');
    expect(tensor([1.9], { dtype: 'int32' }).toArray()).toEqual([1]);
    setDefaultDtype('float64');
    expect(getDefaultDtype()).toBe('float64');
    expect([tensor([1]), zeros([1]), ones([1]), randn([1])].map((x) => x.dtype)).toEqual(
      Array(4).fill('float64'),
    );
  });

  test('values are copied', () => {
    const values = Float32Array.of(1, 2);
    const x = tensor(values);
    values[0] = 9;
    expect(x.toArray()).toEqual([1, 2]);
  });

  test('ragged arrays and what is no number are errors', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(
      'tensor: nested arrays are rectangular (shape (2, 2)). got [3].',
    );
    expect(() => tensor([[1], 2])).toThrow('tensor: nested arrays are rectangular (shape (2, 1)). got 2.');
    expect(() => tensor([1, [2]])).toThrow(
      'tensor: nested arrays are rectangular and hold numbers. got [2].',
    );
    expect(() => tensor(['1' as never])).toThrow('hold numbers. got "1".');
  });

  test('integers have no gradient', () => {
    expect(() => tensor([1], { dtype: 'int32', requiresGrad: true })).toThrow(
      'requiresGrad: only float tensors have gradients. got int32.',
    );
    expect(tensor([1], { requiresGrad: true }).requiresGrad).toBe(true);
  });
});

describe('factories', () => {
  test('full, zeros, ones, arange', () => {
    expect(full([2], 7).toArray()).toEqual([7, 7]);
    expect(zeros([2, 1]).toArray()).toEqual([[0], [0]]);
    expect(ones([], { dtype: 'int32' }).item()).toBe(1);
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(3).dtype).toBe('int32');
    expect(arange(1, { start: 0, step: 0.25, dtype: 'float64' }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(-3, { step: -1 }).toArray()).toEqual([0, -1, -2]);
    expect(arange(-3).toArray()).toEqual([]);
  });

  test('arange: float where start, end or step is a fraction, int32 of whole numbers only', () => {
    expect(arange(1, { step: 0.25 }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(1, { step: 0.25 }).dtype).toBe('float32');
    expect(arange(2.5).toArray()).toEqual([0, 1, 2]);
    expect(arange(2.5).dtype).toBe('float32');
    expect(arange(3, { start: 0.5 }).toArray()).toEqual([0.5, 1.5, 2.5]);
    expect(arange(2.5, { dtype: 'int32' }).toArray()).toEqual([0, 1, 2]);
    setDefaultDtype('float64');
    expect(arange(0.5).dtype).toBe('float64');
    expect(() => arange(1, { step: 0.25, dtype: 'int32' })).toThrow(
      "arange: int32 counts from a whole number in whole steps. got start 0 and step 0.25. pass { dtype: 'float32' }.",
    );
    expect(() => arange(3, { start: 0.5, dtype: 'int32' })).toThrow('got start 0.5 and step 1');
    expect(arange(2 ** 31, { start: 2 ** 31 - 2 }).toArray()).toEqual([2 ** 31 - 2, 2 ** 31 - 1]);
    expect(() => arange(2 ** 31 + 1, { start: 2 ** 31 - 1 })).toThrow(
      'arange: int32 holds the number. got 2147483648 at index 1.',
    );
  });

  test('int32 takes what it can hold', () => {
    const int32 = { dtype: 'int32' } as const;
    expect(() => tensor([1, Number.NaN], int32)).toThrow(
      'tensor: int32 holds the number. got NaN at index 1.',
    );
    expect(() => tensor(Float64Array.of(3e9), int32)).toThrow('got 3000000000 at index 0');
    expect(() => full([2], Infinity, int32)).toThrow('full: int32 holds the number. got Infinity');
    expect(tensor([-2.7, -(2 ** 31)], int32).toArray()).toEqual([-2, -(2 ** 31)]);
  });

  test('unknown options', () => {
    expect(() => zeros([1], { requires_grad: true } as never)).toThrow(
      'zeros: every option is known. got "requires_grad". did you mean "requiresGrad"?',
    );
    expect(() => arange(3, { stop: 1 } as never)).toThrow('got "stop"');
    expect(() => randn([3], { seed: 1 } as never)).toThrow('got "seed"');
  });

  test('bad input', () => {
    expect(() => zeros([2, -1])).toThrow('zeros: dimensions are whole numbers ≥ 0. got (2, -1).');
    expect(() => ones([1.5])).toThrow('dimensions are whole numbers');
    expect(() => arange(3, { step: 0 })).toThrow(
      'arange: start, end and step are finite and step is not 0. got 0, 3, 0.',
    );
    expect(() => arange(Number.POSITIVE_INFINITY)).toThrow('arange:');
    expect(() => Tensor.over(Float32Array.of(1, 2, 3), [2, 2])).toThrow(
      'tensor: shape (2, 2) has as many elements as there are values. got 3 values.',
    );
  });

  test('randn is standard normal, rand uniform', () => {
    manualSeed(3);
    const moments = (x: Tensor) => {
      const values = [...x.data];
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return [mean, values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length] as const;
    };
    const [mean, variance] = moments(randn([20_000]));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    const uniform = rand([20_000]);
    expect(Math.abs(moments(uniform)[0] - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(moments(uniform)[1] - 1 / 12)).toBeLessThan(0.003);
    expect(Math.min(...uniform.data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform.data)).toBeLessThanOrEqual(1);
  });
});

describe('ndarray', () => {
  const strided = () =>
    ndarray(
      Float64Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    )
      .transpose(1, 0)
      .step(-1, 2) as NdArray;

  test('in by copy, with any strides', () => {
    const array = strided();
    const x = tensor(array);
    expect(x.shape).toEqual([4, 2]);
    expect(x.dtype).toBe('float64');
    expect(x.toArray()).toEqual([[3, 11], [2, 10], [1, 9], [0, 8]]); // biome-ignore format: a matrix
    array.set(0, 0, -1);
    expect(x.array.get(0, 0)).toBe(3);
  });

  test('in from any numbers: plain arrays and bytes get the default dtype', () => {
    const list = ndarray([1, 2, 3, 4], [2, 2]).transpose(1, 0) as unknown as NdArray;
    expect(`${tensor(list)}`).toBe('Tensor (2, 2) float32 [[1,3],[2,4]]');
    const bytes = ndarray(Uint8Array.of(255, 0), [2]) as unknown as NdArray;
    expect(`${tensor(bytes, { dtype: 'int32' })}`).toBe('Tensor (2) int32 [255,0]');
    expect(() => Tensor.overNdarray(bytes)).toThrow(
      'data is a Float32Array, a Float64Array or an Int32Array. got [object Uint8Array].',
    );
  });

  test('in by reference', () => {
    const array = strided();
    const x = Tensor.overNdarray(array);
    array.set(0, 0, -1);
    expect(x.toArray()).toEqual([[-1, 11], [2, 10], [1, 9], [0, 8]]); // biome-ignore format: a matrix
    expect(clone(x).toArray()).toEqual(x.toArray());
  });

  test('out by reference and by copy', () => {
    const x = tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    const view = transpose(x);
    expect(view.array.get(0, 1)).toBe(3);
    view.array.set(0, 1, 30);
    expect(x.toArray()).toEqual([[1, 2], [30, 4]]); // biome-ignore format: a matrix
    const copy = toNdarray(view);
    copy.set(0, 0, -1);
    expect([...copy.data]).toEqual([-1, 30, 2, 4]);
    expect(x.array.get(0, 0)).toBe(1);
  });
});

describe('reading values', () => {
  test('item wants one element, data contiguity', () => {
    const x = tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    expect(() => x.item()).toThrow('item: the tensor has exactly one element. got shape (2, 2).');
    expect(() => transpose(x).data).toThrow(
      'data: the tensor is contiguous. got shape (2, 2) with strides (1, 2). take .contiguous() first',
    );
    expect([...slice(x, { axis: 0, start: 1 }).data]).toEqual([3, 4]);
    expect(slice(x, { axis: 0, start: 1 }, { axis: 1, start: 1 }).item()).toBe(4);
  });

  test('toString shows shape, dtype and values', () => {
    expect(`${tensor([[1, 1 / 3, Number.NaN]])}`).toBe('Tensor (1, 3) float32 [[1,0.333333,"NaN"]]');
    expect(`${zeros([1001])}`).toBe('Tensor (1001) float32 1001 values');
  });
});
