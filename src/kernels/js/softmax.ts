import type { FloatArray } from '../../tensor/index.ts';

/** The maximum is subtracted only for stability: it cancels. A row of −∞ alone has no distribution and gives NaN. */
export function softmax(y: FloatArray, x: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const end = start + cols;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) max = Math.max(max, x[i]!);
    let total = 0;
    for (let i = start; i < end; i++) {
      const e = Math.exp(x[i]! - max);
      y[i] = e;
      total += e;
    }
    for (let i = start; i < end; i++) y[i]! /= total;
  }
}

export function softmaxGrad(dx: FloatArray, dy: FloatArray, y: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += dy[i]! * y[i]!;
    for (let i = start; i < end; i++) dx[i] = y[i]! * (dy[i]! - dot);
  }
}

export function logSumExp(out: FloatArray, x: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) out[row] = rowLogSumExp(x, row * cols, (row + 1) * cols);
}

/** log Σ exp(x) over x[start … end − 1]. An infinite maximum is the answer itself (∞ − ∞ would be NaN). */
export function rowLogSumExp(x: FloatArray, start: number, end: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) max = Math.max(max, x[i]!);
  if (max === Number.POSITIVE_INFINITY || max === Number.NEGATIVE_INFINITY) return max;
  let total = 0;
  for (let i = start; i < end; i++) total += Math.exp(x[i]! - max);
  return max + Math.log(total);
}
