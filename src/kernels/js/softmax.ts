import type { FloatArray } from '../../tensor/index.ts';
import { rowMax, rowSumExp } from './softmaxSums.ts';

/**
 * Softmax of each row: y = exp(x) / Σ exp(x).
 * Output: y.
 * Input: x, (rows, cols) both.
 *
 * The maximum is subtracted only for stability: it cancels. A row of −∞ alone has no distribution and gives
 * NaN.
 */
export function softmax(y: FloatArray, x: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const end = start + cols;
    // pass 1: the maximum
    const max = rowMax(x, start, end);
    // pass 2: the exponentials and their sum
    let total = 0;
    for (let i = start; i < end; i++) {
      const e = Math.exp(x[i]! - max);
      y[i] = e;
      total += e;
    }
    // pass 3: divide by the sum
    for (let i = start; i < end; i++) y[i]! /= total;
  }
}

/**
 * The gradient of softmax, row by row: dx = y ⊙ (dy − Σ dy ⊙ y).
 * Output: dx.
 * Inputs: dy and y; (rows, cols) all three.
 *
 * The sum is there because the probabilities of a row share one denominator: ∂yⱼ/∂xᵢ = yⱼ·([i = j] − yᵢ).
 */
export function softmaxGrad(dx: FloatArray, dy: FloatArray, y: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const end = start + cols;
    // pass 1: Σ dy ⊙ y
    let dot = 0;
    for (let i = start; i < end; i++) dot += dy[i]! * y[i]!;
    // pass 2: dx. forward: y = exp(x) / Σ exp(x)
    for (let i = start; i < end; i++) dx[i] = y[i]! * (dy[i]! - dot);
  }
}

/**
 * The logarithm log Σ exp(x) of each row, computed as max + log Σ exp(x − max), which cannot overflow.
 * Output: out (rows).
 * Input: x (rows, cols).
 */
export function logSumExp(out: FloatArray, x: FloatArray, rows: number, cols: number): void {
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * cols, (row + 1) * cols];
    const max = rowMax(x, start, end); // pass 1: the maximum
    // pass 2: the sum of exponentials. An infinite maximum is the answer itself (∞ − ∞ would be NaN).
    out[row] =
      Math.abs(max) === Number.POSITIVE_INFINITY ? max : max + Math.log(rowSumExp(x, start, end, max));
  }
}
