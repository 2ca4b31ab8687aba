import type { FloatArray } from '../../tensor/index.ts';

/** The largest of x[start … end − 1]; NaN wins. */
export function rowMax(x: FloatArray, start: number, end: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) max = Math.max(max, x[i]!);
  return max;
}

/**
 * Σ exp(x − max) over x[start … end − 1]: at least 1, but 0 of −∞ alone, and NaN where ∞ or NaN is among
 * them.
 */
export function rowSumExp(x: FloatArray, start: number, end: number, max: number): number {
  if (max === Number.NEGATIVE_INFINITY) return 0;
  let total = 0;
  for (let i = start; i < end; i++) total += Math.exp(x[i]! - max);
  return total;
}
