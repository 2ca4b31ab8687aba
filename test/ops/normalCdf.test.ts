import { expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { normalCdf } from '../../src/ops/index.ts';
import { randn, tensor } from '../../src/tensor/index.ts';

test('known quantiles, the limits, and NaN', () => {
  const y = normalCdf(
    tensor([0, 1.959963984540054, -1.2815515655446004, -Infinity, Infinity, Number.NaN], {
      dtype: 'float64',
    }),
  );
  for (const [i, value] of [0.5, 0.975, 0.1, 0, 1].entries()) expect(y.data[i]).toBeCloseTo(value, 14);
  expect(y.data[5]).toBeNaN();
});

test('gradcheck; the slope at 0 is 1/√(2π), far out it is 0', () => {
  gradcheck((x) => normalCdf(x!), [randn([7], { dtype: 'float64' })]);
  const x = tensor([0, 50, -Infinity], { requiresGrad: true });
  backward(normalCdf(x), tensor([1, 1, 1]));
  expect([...x.grad!.data]).toEqual([
    expect.closeTo(1 / Math.sqrt(2 * Math.PI), 6),
    expect.closeTo(0, 20),
    expect.closeTo(0, 20),
  ]);
});
