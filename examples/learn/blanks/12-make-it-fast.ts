// Lesson 12: a matrix product that loads each number once and uses it often. Fill in the blank.

import type { FloatArray } from 'scratchformer';
import { blank } from '../support/blank.ts';

export interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** c[i, j] ← Σₚ a[i, p]·b[p, j] for c (m, n), a (m, k) and b (k, n), row after row in memory. */
export function matmul(c: FloatArray, a: FloatArray, b: FloatArray, { m, n, k }: Sizes): void {
  // The three loops, which are right but load two numbers for each multiplication:
  //   for (let i = 0; i < m; i++)
  //     for (let j = 0; j < n; j++) {
  //       let sum = 0;
  //       for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
  //       c[i * n + j] = sum;
  //     }
  blank('the same, block by block', c, a, b, m, n, k);
}
