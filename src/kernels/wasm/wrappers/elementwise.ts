import type { NdArray, TypedArray } from '../../../tensor/index.ts';
import type { BinaryName, CpuKernels } from '../../contract.ts';
import { type Axis, mergedAxes } from '../axes.ts';
import { compiled, isFloat32 } from '../call.ts';
import { forFloat32, reference } from '../forFloat32.ts';

const wasm = compiled({ binary: 20, copy: 14, transpose: 13, scale: 4, dropout: 7, bernoulliGate: 6 });

/** The names in the order of their numbers in assembly/elementwise.ts; `pow` is the reference's. */
const binaryNames: readonly BinaryName[] = [
  'add', 'sub', 'mul', 'div', 'max', 'min', 'eq', 'neq', 'lt', 'leq', 'gt', 'geq',
]; // biome-ignore format: one line reads better

export const binary: CpuKernels['binary'] = (name, out, a, b) => {
  const kind = binaryNames.indexOf(name);
  const floats = isFloat32(out.data) && isFloat32(a.data) && isFloat32(b.data);
  const axes = floats && kind >= 0 ? mergedAxes([out, a, b], out.size) : null;
  const sizes = axes && lineSizes(axes);
  if (sizes) wasm.binary(splitOf(out), [dataOf(out)], [dataOf(a), dataOf(b)], [kind, ...sizes]);
  else reference.binary(name, out, a, b);
};

export const addTo: CpuKernels['addTo'] = (out, x) => binary('add', out, out, x);

export const copy: CpuKernels['copy'] = (out, x) => {
  const axes = sameBits(out.data, x.data) ? mergedAxes([out, x], out.size) : null;
  const lines = axes && lineSizes(axes);
  const bands = axes && !lines && transposeSizes(axes);
  if (lines) wasm.copy(splitOf(out), [dataOf(out)], [dataOf(x)], lines);
  else if (bands)
    wasm.transpose({ total: bands.total, work: out.size }, [dataOf(out)], [dataOf(x)], bands.sizes);
  else reference.copy(out, x);
};

export const scale = forFloat32('scale', (x, factor) => {
  wasm.scale({ total: x.length, grain: GRAIN, work: x.length }, [x], [], [factor]);
});

export const dropout = forFloat32('dropout', (y, x, p, seed) => {
  const threshold = Math.ceil(p * 2 ** 32);
  if (threshold >= 2 ** 32) return reference.dropout(y, x, p, seed);
  const split = { total: y.length, grain: GRAIN, work: 8 * y.length };
  wasm.dropout(split, [y], [x], [threshold | 0, seed | 0, 1 / (1 - p)]);
});

export const bernoulliGate = forFloat32('bernoulliGate', (y, x, probability, seed) => {
  const split = { total: y.length, grain: GRAIN, work: 10 * y.length };
  wasm.bernoulliGate(split, [y], [x, probability], [seed | 0]);
});

/** The number whose multiples threads begin at: whole vectors, and no cache line has two writers. */
const GRAIN = 64;

const splitOf = ({ size }: NdArray) => ({ total: size, grain: GRAIN, work: size });

/** Whether a copy converts nothing. */
const sameBits = (a: TypedArray, b: TypedArray) =>
  isFloat32(a) === isFloat32(b) && a.BYTES_PER_ELEMENT === 4 && b.BYTES_PER_ELEMENT === 4;

const dataOf = ({ data, offset }: NdArray): TypedArray => (offset === 0 ? data : data.subarray(offset));

/**
 * The sizes that the exports take which work line by line, [n1, n2, cols, out's three strides, three strides
 * and the step of each operand]; null where an operand has no lines, or there are too many axes.
 */
function lineSizes(axes: readonly Axis[]): number[] | null {
  const last = axes.at(-1)!;
  const steps = last.strides.slice(1);
  if (axes.length > 4 || last.strides[0] !== 1 || steps.some((step) => step > 1)) return null;
  if (steps.length > 1 && steps.every((step) => step === 0)) return null;
  const [n0, n1, n2] = outerAxes(axes.slice(0, -1), 3) as [Axis, Axis, Axis];
  const sizes = [n1.length, n2.length, last.length];
  last.strides.forEach((step, i) => {
    sizes.push(n0.strides[i]!, n1.strides[i]!, n2.strides[i]!);
    if (i > 0) sizes.push(step);
  });
  return sizes;
}

/**
 * The sizes [n1, rows, cols, out's, x's strides] where the neighbours of x do not lie along the last axis.
 */
function transposeSizes(axes: readonly Axis[]): { total: number; sizes: number[] } | null {
  const cols = axes.at(-1)!;
  const rows = axes.find(({ strides }) => strides[1] === 1);
  if (axes.length > 4 || cols.strides[0] !== 1 || rows === undefined) return null;
  const [n0, n1] = outerAxes(
    axes.filter((axis) => axis !== rows && axis !== cols),
    2,
  ) as [Axis, Axis];
  const ofOut = [n0.strides[0]!, n1.strides[0]!, rows.strides[0]!];
  const ofX = [n0.strides[1]!, n1.strides[1]!, cols.strides[1]!];
  const total = n0.length * n1.length * Math.ceil(rows.length / 16);
  return { total, sizes: [n1.length, rows.length, cols.length, ...ofOut, ...ofX] };
}

/** Fills up to as many axes as wanted, with axes of length 1 in front. */
function outerAxes(axes: readonly Axis[], count: number): Axis[] {
  const one: Axis = { length: 1, strides: [0, 0, 0] };
  return [...new Array<Axis>(count - axes.length).fill(one), ...axes];
}
