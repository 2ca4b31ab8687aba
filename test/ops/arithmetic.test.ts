import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { rand, randn, setDefaultDtype, type Tensor, tensor } from '../../src/tensor/index.ts';

beforeEach(() => setDefaultDtype('float64'));
afterEach(() => setDefaultDtype('float32'));

const positive = (...shape: number[]) => ops.add(rand(shape), 0.5);

/** Every op of two operands, with the operands it is smooth at. */
const binary: [
  op: (a: Tensor | number, b: Tensor | number) => Tensor,
  make: (...shape: number[]) => Tensor,
][] = [
  [ops.add, (...shape) => randn(shape)],
  [ops.sub, (...shape) => randn(shape)],
  [ops.mul, (...shape) => randn(shape)],
  [ops.div, positive],
  [ops.pow, positive],
  [ops.maximum, (...shape) => randn(shape)],
  [ops.minimum, (...shape) => randn(shape)],
];

describe.each(binary.map(([op, make]) => [op.name, op, make] as const))('%s', (_name, op, make) => {
  test('gradients: equal shapes, broadcast both ways, views, numbers, no elements', () => {
    gradcheck(op, [make(2, 3), make(2, 3)]);
    gradcheck(op, [make(3, 1), make(2, 1, 4)]);
    gradcheck(op, [make(), make(2, 2)]);
    gradcheck((a, b) => op(ops.transpose(a), ops.slice(b, { axis: 0, step: -2 })), [make(2, 3), make(5, 2)]);
    gradcheck((a) => op(a, 1.7), [make(3)]);
    gradcheck((b) => op(1.7, b), [make(3)]);
    gradcheck((a) => op(a, a), [make(3)]);
    expect(op(make(0, 3), make(3)).shape).toEqual([0, 3]);
  });

  test('shapes that do not broadcast are an error that names the op', () => {
    expect(() => op(make(2, 3), make(2))).toThrow(/^(\w+): shapes broadcast .* got \(2, 3\) and \(2\)\.$/);
  });

  test('float types do not mix', () => {
    expect(() => op(make(2), tensor([1, 2], { dtype: 'float32' }))).toThrow(
      /same float type.*float64 and float32/,
    );
  });
});

/** Every op of one operand. */
const unary: [name: string, op: (x: Tensor) => Tensor, x: () => Tensor][] = [
  ['neg', ops.neg, () => randn([2, 3])],
  ['exp', (x) => ops.exp(x), () => randn([2, 3])],
  ['log', (x) => ops.log(x), () => positive(2, 3)],
  ['sqrt', (x) => ops.sqrt(x), () => positive(2, 3)],
  ['square', (x) => ops.square(x), () => randn([2, 3])],
  ['abs', (x) => ops.abs(x), () => randn([2, 3])],
  ['clamp', (x) => ops.clamp(x, { min: -0.5, max: 0.7 }), () => randn([4, 3])],
];

test.each(unary)('gradient of %s', (_name, op, x) => {
  gradcheck(op, [x()]);
  gradcheck((a) => op(ops.transpose(a)), [x()]);
});

test('integers stay integers under + − ×, and are an error under ÷', () => {
  const whole = tensor([1, 2, 3], { dtype: 'int32' });
  expect(ops.sub(whole, 1).dtype).toBe('int32');
  expect(ops.neg(whole).toArray()).toEqual([-1, -2, -3]);
  expect(() => ops.div(whole, 2)).toThrow(
    "div: the tensor is float32 or float64. got int32 of shape (3). convert it with .to('float32').",
  );
  expect(ops.div(whole, tensor([2], { dtype: 'float32' })).toArray()).toEqual([0.5, 1, 1.5]);
});

test('what IEEE says at the borders', () => {
  const x = tensor([-1, 0, Number.NaN, Number.POSITIVE_INFINITY]);
  expect(ops.log(x).toArray()).toEqual([Number.NaN, -Infinity, Number.NaN, Infinity]);
  expect(ops.sqrt(x).toArray()).toEqual([Number.NaN, 0, Number.NaN, Infinity]);
  expect(ops.clamp(x, { min: 0.5, max: 9 }).toArray()).toEqual([0.5, 0.5, Number.NaN, 9]);
  expect(ops.maximum(x, 3).toArray()).toEqual([3, 3, Number.NaN, Infinity]);
  expect(ops.div(1, tensor([0, -Infinity])).toArray()).toEqual([Infinity, -0]);
  expect(ops.pow(tensor([-8]), 1 / 3).item()).toBeNaN();
});

describe.each(['float32', 'float64'] as const)('pow of 1 and −1, as in C and PyTorch: %s', (dtype) => {
  const nan = Number.NaN;
  /** [base, exponent, y, da, db] */
  const corners = [
    [1, nan, 1, nan, 0],
    [1, Infinity, 1, Infinity, 0],
    [1, -Infinity, 1, -Infinity, 0],
    [-1, Infinity, 1, Infinity, nan],
    [-1, -Infinity, 1, -Infinity, nan],
    [nan, 0, 1, 0, nan],
    [2, nan, nan, nan, nan],
  ];
  test.each(corners)('pow(%d, %d)', (base, exponent, y, da, db) => {
    const [a, b] = [base, exponent].map((value) => tensor([value], { dtype, requiresGrad: true })) as [
      Tensor,
      Tensor,
    ];
    for (const power of [ops.pow(a, exponent), ops.pow(base, b), ops.pow(a, b)]) {
      expect(power.toArray()).toEqual([y]);
      backward(power, tensor([1], { dtype }));
    }
    // each was part of two of the three powers
    expect(a.grad!.toArray()).toEqual([2 * da]);
    expect(b.grad!.toArray()).toEqual([2 * db]);
  });

  test('of strided and broadcast operands', () => {
    const bases = ops.transpose(tensor([[1, 2], [-1, 3]], { dtype })); // biome-ignore format: a matrix
    const powers = ops.pow(bases, tensor([nan, Infinity], { dtype })).toArray();
    expect(powers).toEqual([[1, 1], [nan, Infinity]]); // biome-ignore format: a matrix
    expect(ops.pow(tensor([[2], [3]], { dtype }), ops.slice(tensor([0, 9, 1, 9, 2], { dtype }), { axis: 0, step: 2 })).toArray())
      .toEqual([[1, 2, 4], [1, 3, 9]]); // biome-ignore format: a matrix
  });
});

test('a number that no int32 holds makes both float, like a fraction', () => {
  const whole = tensor([1, -1], { dtype: 'int32' });
  expect(ops.add(whole, 3e9).toArray()).toEqual([3000000001, 2999999999]);
  expect(ops.mul(whole, Infinity).toArray()).toEqual([Infinity, -Infinity]);
  expect(ops.maximum(whole, 2 ** 31 - 1).dtype).toBe('int32');
  expect(ops.greater(whole, -3e9).toArray()).toEqual([1, 1]);
});

test('clamp needs a bound and knows its options', () => {
  expect(() => ops.clamp(tensor([1]), {})).toThrow(
    'clamp: min or max is a number. got min -Infinity, max Infinity.',
  );
  expect(() => ops.clamp(tensor([1]), { mn: 3 } as never)).toThrow('did you mean "min"?');
});

test('a fraction beside integers makes both float; a whole number keeps them integers', () => {
  expect(ops.add(tensor([0, 1], { dtype: 'int32' }), 0.5).toString()).toBe('Tensor (2) float64 [0.5,1.5]');
  expect(ops.mul(2, tensor([3, 4], { dtype: 'int32' })).toString()).toBe('Tensor (2) int32 [6,8]');
});
