import type { FloatArray, TypedArray } from '../../tensor/index.ts';

/** Sums run in float64 and are rounded once, so the order of magnitude of the error does not grow with the length. */
export function sum(out: TypedArray, x: TypedArray, outer: number, length: number, inner: number): void {
  if (inner === 1) sumRows(out, x, outer, length);
  else sumColumns(out, x, outer, length, inner);
}

function sumRows(out: TypedArray, x: TypedArray, rows: number, cols: number): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let total = 0;
    for (let i = 0; i < cols; i++) total += x[at++]!;
    out[row] = total;
  }
}

let totals = new Float64Array(0);

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

export function sumSquares(x: FloatArray): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * x[i]!;
  return total;
}
