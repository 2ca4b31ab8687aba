import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type NestedArray, sizeOf, type Tensor, tensor } from '../../src/tensor/index.ts';

/** The numbers that `test/golden/NAME.py` got from PyTorch. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** |got − expected| ≤ tolerance·max(1, |expected|) for every element, with equal shapes. */
export function expectClose(
  got: Tensor | number,
  expected: NestedArray,
  tolerance: number,
  label = '',
): void {
  const want = tensor(expected, { dtype: 'float64' });
  const have = typeof got === 'number' ? [got] : got.toTypedArray();
  if (typeof got !== 'number') expect(got.shape, `${label} shape`).toEqual(want.shape);
  let worst = 0;
  for (let i = 0; i < sizeOf(want.shape); i++) {
    const error = Math.abs(have[i]! - want.data[i]!) / Math.max(1, Math.abs(want.data[i]!));
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  expect(worst, `${label}: largest error`).toBeLessThanOrEqual(tolerance);
}
