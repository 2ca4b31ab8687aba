import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { erf, erfOf } from '../../src/ops/index.ts';
import { randn, tensor } from '../../src/tensor/index.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/erf.json', import.meta.url), 'utf8')) as [
  number,
  number,
][];

test('over the whole range within 1e-15 of 50-digit arithmetic', () => {
  for (const [x, expected] of golden) expect(Math.abs(erfOf(x) - expected), `erf(${x})`).toBeLessThan(1e-15);
});

test('near 0 the relative error is as small', () => {
  for (const [x, expected] of golden) {
    if (x !== 0 && Math.abs(x) < 0.8)
      expect(Math.abs(erfOf(x) / expected - 1), `erf(${x})`).toBeLessThan(1e-15);
  }
});

test('in float32 it is the float64 value, to float precision', () => {
  const xs = golden.map(([x]) => Math.fround(x));
  const y = erf(tensor(xs)).data;
  for (const [i, x] of xs.entries())
    expect(Math.abs(y[i]! - erfOf(x))).toBeLessThanOrEqual(2 ** -23 * Math.abs(erfOf(x)) + 2 ** -148);
});

test('odd, ±1 at ±∞, NaN at NaN', () => {
  for (const [x] of golden) expect(erfOf(-x)).toBe(-erfOf(x));
  expect([erfOf(Infinity), erfOf(-Infinity), erfOf(Number.NaN)]).toEqual([1, -1, Number.NaN]);
});

test('gradcheck', () => gradcheck((x) => erf(x!), [randn([9], { dtype: 'float64' })]));
