import ops from 'ndarray-ops';
import type { FloatArray, NdArray } from '../../tensor/index.ts';
import type { BinaryName, Formula } from '../contract.ts';

export function copy(out: NdArray, x: NdArray): void {
  ops.assign(out, x);
}

export function addTo(out: NdArray, x: NdArray): void {
  ops.addeq(out, x);
}

export function binary(name: BinaryName, out: NdArray, a: NdArray, b: NdArray): void {
  if (name === 'pow') powers(out, a, b, 0, out.offset, a.offset, b.offset);
  else ops[name](out, a, b);
}

/** aᵇ as C has it: 1ᵇ and (−1)^±∞ are 1, where JavaScript's ** is NaN. */
export function powerOfNumber(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}

/** Axis by axis down to single elements, which lie at o, i and j. */
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

export function map(y: FloatArray, x: FloatArray, { f }: Formula, parameter: number): void {
  for (let i = 0; i < y.length; i++) y[i] = f(x[i]!, parameter);
}

export function mapGrad(
  dx: FloatArray,
  dy: FloatArray,
  x: FloatArray,
  y: FloatArray,
  { df }: Formula,
  parameter: number,
): void {
  for (let i = 0; i < dx.length; i++) dx[i] = dy[i]! * df(x[i]!, y[i]!, parameter);
}

export function scale(x: FloatArray, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i]! *= factor;
}
