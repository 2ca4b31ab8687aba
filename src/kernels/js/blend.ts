import type { FloatArray } from '../../tensor/index.ts';

/**
 * A weighted sum, out ← ofX·x + ofY·y, each element rounded once; without y, out ← ofX·x. All have the same
 * length, and `out` may be x or y itself.
 */
export function blend(out: FloatArray, x: FloatArray, y: FloatArray | null, ofX: number, ofY: number): void {
  if (y === null && ofX === 1) out.set(x);
  else if (y === null) for (let i = 0; i < out.length; i++) out[i] = ofX * x[i]!;
  else for (let i = 0; i < out.length; i++) out[i] = ofX * x[i]! + ofY * y[i]!;
}

/** A share of the way, average ← average + share·(x − average): the step of an exponential average. */
export function approach(average: FloatArray, x: FloatArray, share: number): void {
  for (let i = 0; i < average.length; i++) average[i]! += share * (x[i]! - average[i]!);
}

/**
 * A polynomial of a matrix A, p ← aI + bA + cA², for n×n. Output: p, which comes as A². Input: A. The sum of
 * the two is rounded before a is added on the diagonal.
 */
export function polynomial(p: FloatArray, A: FloatArray, n: number, a: number, b: number, c: number): void {
  for (let i = 0; i < p.length; i++) p[i] = b * A[i]! + c * p[i]!;
  for (let i = 0; i < p.length; i += n + 1) p[i]! += a;
}
