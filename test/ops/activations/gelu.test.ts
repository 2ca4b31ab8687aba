/** What the literature says of GELU (arXiv:1606.08415). Values and gradients: elementwise.test.ts. */
import { expect, test } from 'vitest';
import { gradcheck } from '../../../src/autograd/index.ts';
import { erfOf, gelu } from '../../../src/ops/index.ts';
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

test('an unknown approximation names the nearest known one', () => {
  // @ts-expect-error a misspelt variant
  expect(() => gelu(grid, { approximate: 'tan' })).toThrow(
    'gelu: approximate is known. got "tan". did you mean "tanh"?',
  );
});
