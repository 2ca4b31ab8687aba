/** What the literature says of GELU (arXiv:1606.08415). Values and gradients: elementwise.test.ts. */
import { expect, test } from 'vitest';
import { gradcheck } from '../../../src/autograd/index.ts';
import { erfOf, gelu, relu } from '../../../src/ops/index.ts';
import { randn, randomStream, type Tensor, tensor } from '../../../src/tensor/index.ts';

const grid = tensor(
  Array.from({ length: 100_001 }, (_, i) => (i - 50_000) / 5_000),
  { dtype: 'float64' },
);

const largestDifference = (a: Tensor, b: Tensor) =>
  [...a.data].reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);

test('the minimum is −0.1700 at x = −0.7518', () => {
  const y = [...gelu(grid).data];
  const i = y.indexOf(y.reduce((least, value) => Math.min(least, value)));
  expect(y[i]).toBeCloseTo(-0.17, 4);
  expect(grid.data[i]).toBeCloseTo(-0.7518, 3);
});

test('the tanh form differs from the exact one by less than 5e-4, and not by nothing', () => {
  const difference = largestDifference(gelu(grid), gelu(grid, { approximate: 'tanh' }));
  expect(difference).toBeLessThan(5e-4);
  expect(difference).toBeGreaterThan(4e-4);
});

test('the sigmoid form differs by less than 0.021', () => {
  const difference = largestDifference(gelu(grid), gelu(grid, { approximate: 'sigmoid' }));
  expect(difference).toBeLessThan(0.021);
  expect(difference).toBeGreaterThan(0.02);
});

test('gradcheck of the sigmoid form', () => {
  gradcheck((x) => gelu(x, { approximate: 'sigmoid' }), [randn([7], { dtype: 'float64' })]);
});

test('it is the expectation of x·m over a gate m ~ Bernoulli(Φ(x))', () => {
  const random = randomStream('gates');
  const draws = 200_000;
  for (const x of [-2, -0.75, 0.5, 1.5]) {
    const open = 0.5 * (1 + erfOf(x / Math.SQRT2));
    let kept = 0;
    for (let i = 0; i < draws; i++) kept += random() < open ? 1 : 0;
    const standardError = Math.abs(x) * Math.sqrt((open * (1 - open)) / draws);
    expect(Math.abs((x * kept) / draws - gelu(tensor([x], { dtype: 'float64' })).item())).toBeLessThan(
      5 * standardError,
    );
  }
});

test('gelu(x) − gelu(−x) = x: the gates of x and −x share the whole', () => {
  const x = randn([100], { dtype: 'float64' });
  const [up, down] = [gelu(x).data, gelu(tensor(x.data.map((value) => -value))).data];
  for (const [i, value] of x.data.entries()) expect(up[i]! - down[i]!).toBeCloseTo(value, 14);
});

test('a gate of width σ: the minimum scales with σ, and the curve nears ReLU from below', () => {
  const rectified = relu(grid);
  for (const sigma of [2, 0.5, 0.1, 1e-3]) {
    const y = gelu(grid, { sigma });
    const difference = largestDifference(y, rectified);
    expect(difference).toBeGreaterThan(0.16 * sigma);
    expect(difference).toBeLessThan(0.1701 * sigma);
    expect(y.data.every((value, i) => value <= rectified.data[i]! + 1e-15)).toBe(true);
  }
});

test('the limits: σ = 0 is ReLU, also where x/σ would overflow; a wide gate is x/2; σ = 1 changes no bit', () => {
  const x = tensor([-1e4, -2, -0, 0, 3, 1e4]);
  for (const sigma of [0, 1e-40, 1e-25]) expect(gelu(x, { sigma }).toArray()).toEqual(relu(x).toArray());
  for (const [i, value] of gelu(x, { sigma: 1e-19 }).data.entries())
    expect(value).toBeCloseTo(relu(x).data[i]!, 2);
  expect(
    largestDifference(gelu(grid, { sigma: 1e9 }), tensor(grid.data.map((value) => value / 2))),
  ).toBeLessThan(1e-6);
  expect(gelu(grid, { sigma: 1 }).toArray()).toEqual(gelu(grid).toArray());
});

test('a negative, infinite or unknown width is an error', () => {
  for (const sigma of [-1, Infinity, Number.NaN]) {
    expect(() => gelu(grid, { sigma })).toThrow(`gelu: sigma is a finite number ≥ 0. got ${sigma}.`);
  }
});

test('an unknown approximation names the nearest known one', () => {
  // @ts-expect-error a misspelt variant
  expect(() => gelu(grid, { approximate: 'tan' })).toThrow(
    'gelu: approximate is known. got "tan". did you mean "tanh"?',
  );
});
