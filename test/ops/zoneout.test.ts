import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { zoneout } from '../../src/ops/index.ts';
import { full, manualSeed, ones, randn, type Tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

test.each([0.1, 0.5, 0.9])('p = %f: elements are old or new, and the old ones a share of p', (p) => {
  const n = 100_000;
  const y = zoneout(full([n], 3, { dtype: 'float64' }), ones([n], { dtype: 'float64' }), p).toTypedArray();
  const old = y.filter((value) => Math.abs(value - 1) < 1e-12).length;
  expect(y.filter((value) => Math.abs(value - 3) < 1e-12).length).toBe(n - old);
  expect(Math.abs(old / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
});

test('evaluation is the expectation; p = 0 is the new value', () => {
  const [x, previous] = [randn([4, 5], { dtype: 'float64' }), randn([4, 5], { dtype: 'float64' })];
  const mean = Float64Array.from(x.data, (value, i) => 0.7 * value + 0.3 * previous.data[i]!);
  const y = zoneout(x, previous, 0.3, { training: false }).toTypedArray();
  y.forEach((value, i) => {
    expect(value).toBeCloseTo(mean[i]!, 14);
  });
  expectClose(zoneout(x, previous, 0), x.toArray(), 1e-14);
});

test.each([true, false])('gradcheck under one seed, training %s', (training) => {
  const seeded = (x: Tensor, previous: Tensor) => {
    manualSeed(5);
    return zoneout(x, previous, 0.4, { training });
  };
  gradcheck(seeded, [randn([3, 4], { dtype: 'float64' }), randn([3, 4], { dtype: 'float64' })]);
});

test('bad input is an error', () => {
  expect(() => zoneout(ones([2]), ones([2]), 1)).toThrow(
    'zoneout: the probability to drop lies in [0, 1). got 1',
  );
  expect(() => zoneout(ones([2]), ones([2]), 0.5, { trainin: true } as never)).toThrow(
    'did you mean "training"?',
  );
  expect(() => zoneout(ones([2]), ones([3]), 0.5)).toThrow('(2) and (3)');
});
