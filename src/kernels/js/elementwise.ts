import ops from 'ndarray-ops';
import type { FloatArray, NdArray } from '../../tensor/index.ts';
import type { BinaryName, Formula } from '../contract.ts';
import { powerOfNumber } from './powerOfNumber.ts';

/** Copies: out ← x. Output: out, a view of the shape of x; numbers are converted to its type. */
export function copy(out: NdArray, x: NdArray): void {
  ops.assign(out, x);
}

/** Adds in place: out ← out + x, element by element. `out` is input and output, a view of the shape of x. */
export function addTo(out: NdArray, x: NdArray): void {
  ops.addeq(out, x);
}

/**
 * Applies the named operation: out ← a ∘ b, element by element; comparisons give 1 and 0.
 * Output: out. All three are views of one shape; where an operand is broadcast, its stride is 0.
 */
export function binary(name: BinaryName, out: NdArray, a: NdArray, b: NdArray): void {
  if (name === 'pow') powers(out, a, b, 0, out.offset, a.offset, b.offset);
  else ops[name](out, a, b);
}

/** Walks down axis by axis to single elements, which lie at o, i and j. */
function powers(out: NdArray, a: NdArray, b: NdArray, axis: number, o: number, i: number, j: number): void {
  if (axis === out.dimension) {
    out.data[o] = powerOfNumber(a.data[i]!, b.data[j]!);
    return;
  }
  for (let n = 0; n < out.shape[axis]!; n++) {
    powers(out, a, b, axis + 1, o, i, j);
    o += out.stride[axis]!;
    i += a.stride[axis]!;
    j += b.stride[axis]!;
  }
}

/** Applies a formula: y ← f(x), element by element. Output: y, as long as x. */
export function map(y: FloatArray, x: FloatArray, { f }: Formula, parameter: number): void {
  for (let i = 0; i < y.length; i++) y[i] = f(x[i]!, parameter);
}

/**
 * Applies a formula and its derivative: y ← f(x), slope ← f′(x), element by element.
 * Outputs: y and slope, as long as x.
 */
export function mapWithSlope(
  y: FloatArray,
  slope: FloatArray,
  x: FloatArray,
  { f, df }: Formula,
  parameter: number,
): void {
  for (let i = 0; i < y.length; i++) {
    const value = f(x[i]!, parameter);
    y[i] = value;
    slope[i] = df(x[i]!, value, parameter);
  }
}

/** Multiplies in place: x ← factor·x. `x` is input and output. */
export function scale(x: FloatArray, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i]! *= factor;
}
