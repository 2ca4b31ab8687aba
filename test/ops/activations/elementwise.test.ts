import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../../src/autograd/index.ts';
import {
  elu,
  gelu,
  hardswish,
  leakyRelu,
  mish,
  relu,
  sigmoid,
  silu,
  softplus,
  squaredRelu,
  tanh,
} from '../../../src/ops/index.ts';
import { randn, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { expectGolden } from '../../golden/nnOps.ts';

const activations: Record<string, (x: Tensor) => Tensor> = {
  'gelu exact': (x) => gelu(x),
  'gelu tanh': (x) => gelu(x, { approximate: 'tanh' }),
  'gelu sigma 0.2': (x) => gelu(x, { sigma: 0.2 }),
  'gelu sigma 2.5': (x) => gelu(x, { sigma: 2.5 }),
  'gelu tanh sigma 0.5': (x) => gelu(x, { approximate: 'tanh', sigma: 0.5 }),
  relu,
  leakyRelu: (x) => leakyRelu(x),
  'leakyRelu 0.2': (x) => leakyRelu(x, { negativeSlope: 0.2 }),
  elu: (x) => elu(x),
  'elu 1.7': (x) => elu(x, { alpha: 1.7 }),
  silu: (x) => silu(x),
  'silu 1.5': (x) => silu(x, { beta: 1.5 }),
  mish,
  sigmoid,
  tanh,
  softplus,
  hardswish,
  squaredRelu,
};

describe.each(Object.entries(activations))('%s', (name, f) => {
  test('value and gradient are those of PyTorch', () => expectGolden(name, f));

  test('gradcheck', () => gradcheck(f, [randn([3, 4], { dtype: 'float64' })]));

  test('a strided view gives what its copy gives', () => {
    const x = randn([4, 3]);
    const turned = x.strided([3, 4], [1, 3]);
    expect(f(turned).toArray()).toEqual(f(tensor(turned.toArray())).toArray());
  });

  test('NaN comes through', () => {
    const x = tensor([Number.NaN, 1], { requiresGrad: true });
    const y = f(x);
    expect(y.toTypedArray()[0]).toBeNaN();
    expect(y.toTypedArray()[1]).not.toBeNaN();
  });
});

/** [y(−∞), y(∞), y′(−∞), y′(∞)]: the limits. gelu is left out: like PyTorch's, its −∞·0 is NaN. */
const limits: Record<string, [number, number, number, number]> = {
  relu: [0, Infinity, 0, 1],
  leakyRelu: [-Infinity, Infinity, 0.01, 1],
  elu: [-1, Infinity, 0, 1],
  silu: [0, Infinity, 0, 1],
  mish: [0, Infinity, 0, 1],
  sigmoid: [0, 1, 0, 0],
  tanh: [-1, 1, 0, 0],
  softplus: [0, Infinity, 0, 1],
  hardswish: [0, Infinity, 0, 1],
};

describe.each(Object.entries(limits))('%s far out', (name, [low, high, slopeLow, slopeHigh]) => {
  const at = (values: number[]) => {
    const x = tensor(values, { dtype: 'float64', requiresGrad: true });
    const y = activations[name]!(x);
    const value = [...y.toTypedArray()];
    backward(y, tensor([1, 1], { dtype: 'float64' }));
    return { value, slope: [...x.grad!.toTypedArray()] };
  };
  const near = (got: number[], expected: number[]) => {
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  };

  test('at ±∞ the limits', () => {
    const { value, slope } = at([-Infinity, Infinity]);
    near(value, [low, high]);
    near(slope, [slopeLow, slopeHigh]);
  });

  test('at ±1e4 the asymptotes', () => {
    const { value, slope } = at([-1e4, 1e4]);
    const linear = (limit: number, x: number, slope: number) => (Number.isFinite(limit) ? limit : slope * x);
    near(value, [linear(low, -1e4, slopeLow), linear(high, 1e4, slopeHigh)]);
    near(slope, [slopeLow, slopeHigh]);
  });
});

describe('shapes of the curves', () => {
  const grid = tensor(
    Array.from({ length: 16001 }, (_, i) => (i - 8000) / 1000),
    { dtype: 'float64' },
  );
  const minimum = (f: (x: Tensor) => Tensor) => {
    const y = [...f(grid).data];
    const i = y.indexOf(y.reduce((least, value) => Math.min(least, value)));
    return { x: grid.data[i]!, y: y[i]! };
  };

  test.each([
    ['silu', -1.278, -0.2785],
    ['mish', -1.192, -0.3088],
    ['hardswish', -1.5, -0.375],
  ] as const)('%s has its minimum where its page says', (name, x, y) => {
    expect(minimum(activations[name]!).x).toBeCloseTo(x, 2);
    expect(minimum(activations[name]!).y).toBeCloseTo(y, 4);
  });

  test.each(['relu', 'squaredRelu', 'leakyRelu', 'elu', 'sigmoid', 'tanh', 'softplus'])(
    '%s is monotonic',
    (name) => {
      const y = activations[name]!(grid).data;
      for (let i = 1; i < y.length; i++) expect(y[i]! >= y[i - 1]!, `at ${grid.data[i]}`).toBe(true);
    },
  );

  test('small results keep their digits', () => {
    const x = tensor([-1e-10, -40], { dtype: 'float64' });
    expect(elu(x).data[0]! / -1e-10).toBeCloseTo(1, 9);
    expect(softplus(x).data[1]! / Math.exp(-40)).toBeCloseTo(1, 12);
    expect(mish(x).data[1]! / (-40 * Math.exp(-40))).toBeCloseTo(1, 12);
  });

  test('an unknown option names the nearest known one', () => {
    // @ts-expect-error a misspelt option
    expect(() => leakyRelu(grid, { negativeslope: 0.1 })).toThrow(
      'leakyRelu: every option is known. got "negativeslope". did you mean "negativeSlope"?',
    );
    // @ts-expect-error another function's option
    expect(() => silu(grid, { alpha: 1 })).toThrow('silu: every option is known. got "alpha".');
  });

  test('integers are no input', () => {
    expect(() => relu(tensor([1, 2], { dtype: 'int32' }))).toThrow(
      'relu: the tensor is float32 or float64. got int32',
    );
  });
});
