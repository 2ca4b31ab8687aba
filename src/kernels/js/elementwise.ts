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
  ops[name](out, a, b);
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
