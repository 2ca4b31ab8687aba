/** What the contract suite compares with, and how. Reference code in these files is naive on purpose. */
import ndarray from 'ndarray';
import { expect } from 'vitest';
import type { Kernels } from '../../../src/kernels/index.ts';
import {
  empty,
  type FloatArray,
  type NdArray,
  normalSample,
  randomStream,
  sizeOf,
  type Tensor,
} from '../../../src/tensor/index.ts';

export type Float = 'float32' | 'float64';

/** Everything one group of checks needs. */
export interface Subject {
  readonly kernels: Kernels;
  readonly dtype: Float;
}

const random = randomStream('contract');
const GUARD = 4;
/** The tensor is kept with its numbers: without it, its memory would go back to the pool. */
const guards: { tensor: Tensor; whole: FloatArray; length: number }[] = [];

/** Memory as ops get it, in the middle of a larger block whose edges must stay as they are. */
export function output(dtype: Float, length: number): FloatArray {
  const tensor = empty([length + 2 * GUARD], dtype);
  const whole = tensor.data as FloatArray;
  whole.fill(Number.NaN);
  whole.fill(12345, 0, GUARD);
  whole.fill(12345, GUARD + length);
  guards.push({ tensor, whole, length });
  return whole.subarray(GUARD, GUARD + length);
}

/** Whether all kernels so far have written inside their outputs only. */
export function expectGuardsUntouched(): void {
  for (const { whole, length } of guards.splice(0)) {
    const edges = [...whole.subarray(0, GUARD), ...whole.subarray(GUARD + length)];
    expect(edges, 'memory around an output').toEqual(new Array(2 * GUARD).fill(12345));
  }
}

export function filled(dtype: Float, values: ArrayLike<number>): FloatArray {
  const array = output(dtype, values.length);
  array.set(values);
  return array;
}

export function normals(dtype: Float, length: number, scale = 1): FloatArray {
  return filled(
    dtype,
    Array.from({ length }, () => scale * normalSample(random)),
  );
}

export function wholeNumbers(length: number, below: number): Int32Array {
  return Int32Array.from({ length }, () => Math.floor(random() * below));
}

/**
 * Views of one shape in every layout that ops hand over: packed, axes in reverse, every other element, from
 * an offset.
 */
export function layouts(dtype: Float, shape: number[], values: ArrayLike<number>): [string, NdArray][] {
  const size = sizeOf(shape);
  const rowMajor = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const columnMajor = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const views: [string, NdArray][] = [
    ['packed', ndarray(output(dtype, size), shape, rowMajor, 0)],
    ['transposed', ndarray(output(dtype, size), shape, columnMajor, 0)],
    [
      'spread',
      ndarray(
        output(dtype, 2 * size + 3),
        shape,
        rowMajor.map((stride) => 2 * stride),
        3,
      ),
    ],
  ];
  for (const [, view] of views) {
    view.data.fill(0);
    places(view).forEach((at, i) => {
      view.data[at] = values[i]!;
    });
  }
  return views;
}

/** Where the elements of a view lie in its data, in row-major order. */
export function places({ shape, stride, offset }: NdArray): number[] {
  return shape.reduce<number[]>(
    (starts, length, axis) =>
      starts.flatMap((start) => Array.from({ length }, (_, i) => start + i * stride[axis]!)),
    [offset],
  );
}

export function elements(view: NdArray): number[] {
  return places(view).map((at) => view.data[at]!);
}

/** |got − expected| ≤ tolerance·max(1, |expected|); NaN, ±∞ and lengths agree exactly. */
export function expectNear(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(got.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [g, e] = [got[i]!, expected[i]!];
    const near = Math.abs(g - e) <= tolerance * Math.max(1, Math.abs(e)) || Object.is(g, e) || g === e;
    expect(near, `${what}[${i}]: ${g}, expected ${e}`).toBe(true);
  }
}

/** Rounding to float32 of inputs of size 1 and sums of tens of them; float64 leaves what reordering does. */
export const tolerance = { float32: 2e-5, float64: 1e-12 };

/** Of derivatives, which are checked against central differences: these are good to 1e-8 or so. */
export const gradTolerance = { float32: 1e-4, float64: 1e-6 };

/** Σ dy·∂f/∂x by central differences of a naive float64 function. */
export function numericGrad(
  f: (x: number[]) => ArrayLike<number>,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): number[] {
  const at = Array.from(x);
  const dot = () => Array.from(f(at)).reduce((total, value, i) => total + value * dy[i]!, 0);
  return at.map((value, i) => {
    at[i] = value + 1e-5;
    const plus = dot();
    at[i] = value - 1e-5;
    const minus = dot();
    at[i] = value;
    return (plus - minus) / 2e-5;
  });
}

/** Rows of a matrix. */
export function rowsOf(x: ArrayLike<number>, cols: number): number[][] {
  return Array.from({ length: cols === 0 ? 0 : x.length / cols }, (_, row) =>
    Array.from(x).slice(row * cols, (row + 1) * cols),
  );
}
