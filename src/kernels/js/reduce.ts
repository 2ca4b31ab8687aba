import type { FloatArray, TypedArray } from '../../tensor/index.ts';

/**
 * The sum over the middle axis: out[o, i] ← Σₐ x[o, a, i].
 * Output: out (outer, inner).
 * Input: x (outer, length, inner).
 *
 * Sums run in float64 and are rounded once, so the order of magnitude of the error does not grow with the
 * length.
 */
export function sum(out: TypedArray, x: TypedArray, outer: number, length: number, inner: number): void {
  if (inner === 1) sumRows(out, x, outer, length);
  else sumColumns(out, x, outer, length, inner);
}

/** The sum of each row: inner = 1. */
function sumRows(out: TypedArray, x: TypedArray, rows: number, cols: number): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let total = 0;
    for (let i = 0; i < cols; i++) total += x[at++]!;
    out[row] = total;
  }
}

let totals = new Float64Array(0);

/** The sum of each column; x is read in the order of memory, so there is a running sum for each column. */
function sumColumns(out: TypedArray, x: TypedArray, outer: number, rows: number, cols: number): void {
  if (totals.length < cols) totals = new Float64Array(cols);
  for (let o = 0, at = 0; o < outer; o++) {
    totals.fill(0, 0, cols);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < cols; i++) totals[i]! += x[at++]!;
    }
    for (let i = 0; i < cols; i++) out[o * cols + i] = totals[i]!;
  }
}

/**
 * The maximum over the middle axis, and its place: out[o, i] ← maxₐ x[o, a, i].
 * Outputs: out and index (outer, inner).
 * Input: x (outer, length, inner). The first of several equal ones counts. NaN beats every number, and the
 * first NaN ends the search.
 */
export function max(
  out: TypedArray,
  index: Int32Array,
  x: TypedArray,
  outer: number,
  length: number,
  inner: number,
): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length * inner + i;
      let best = x[first]!;
      let bestAt = 0;
      for (let a = 1; a < length && !Number.isNaN(best); a++) {
        const value = x[first + a * inner]!;
        if (value > best || Number.isNaN(value)) {
          best = value;
          bestAt = a;
        }
      }
      out[o * inner + i] = best;
      index[o * inner + i] = bestAt;
    }
  }
}

/**
 * Running sums along the middle axis: out[o, a, i] ← Σ x[o, 0 … a, i], or Σ x[o, a … length − 1, i] if
 * `reverse`.
 * Output: out.
 * Input: x, (outer, length, inner) both. Each direction is the gradient of the other.
 */
export function cumsum(
  out: TypedArray,
  x: TypedArray,
  outer: number,
  length: number,
  inner: number,
  reverse: boolean,
): void {
  const step = reverse ? -inner : inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let at = o * length * inner + i + (reverse ? (length - 1) * inner : 0);
      let total = 0;
      for (let a = 0; a < length; a++, at += step) {
        total += x[at]!;
        out[at] = total;
      }
    }
  }
}

/**
 * The sum Σ x² over all elements of all arrays, in float64. Input: the arrays, which need not be of one
 * length. The root of it is their common norm.
 */
export function sumSquares(arrays: readonly FloatArray[]): number {
  let total = 0;
  for (const x of arrays) {
    let ofOne = 0;
    for (let i = 0; i < x.length; i++) ofOne += x[i]! * x[i]!;
    total += ofOne;
  }
  return total;
}
