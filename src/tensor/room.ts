/** The number types, and the most numbers that a tensor may have. */
import { check, display, fail, suggest } from './errors.ts';
import { type Shape, show, sizeOf } from './shape.ts';

/** The types of numbers that tensors have: floats to compute with, integers for indices. */
export type DType = 'float32' | 'float64' | 'int32';
/** The typed arrays of float tensors. */
export type FloatArray = Float32Array | Float64Array;
/** The typed arrays of all tensors. */
export type TypedArray = FloatArray | Int32Array;

/**
 * Numbers as kernels take them: a handle, to hand on and not to look into. On the CPU it is the typed array
 * itself. What wants to look takes `data`, the host's view of the same numbers.
 */
export interface Memory {
  readonly length: number;
  readonly byteLength: number;
}

/** A strided view as kernels take it, over a handle of memory; on the CPU an ndarray. */
export interface View {
  readonly data: Memory;
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
}

/** The typed array of each number type. */
export const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/** The typed array for numbers of this type. */
export function arrayTypeOf<D extends DType>(where: string, dtype: D): (typeof arrayTypes)[D] {
  return Object.hasOwn(arrayTypes, dtype) ? arrayTypes[dtype] : failDtype(where, dtype);
}

/** The number type of a typed array; an error for the types that tensors do not have. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  check(data instanceof Int32Array, 'tensor', 'data is a Float32Array, a Float64Array or an Int32Array', () =>
    Object.prototype.toString.call(data),
  );
  return 'int32';
}

/** PyTorch's other names of number types, which are not near to ours by spelling. */
const meant: Record<string, DType> = { float: 'float32', double: 'float64', int: 'int32', long: 'int32' };

function failDtype(where: string, dtype: unknown): never {
  const name = typeof dtype === 'function' ? dtype.name : String(dtype);
  const hint = suggest(meant[name] ?? name, Object.keys(arrayTypes));
  fail(where, 'dtype is float32, float64 or int32', display(dtype), hint);
}

/**
 * 4 GiB, which is all that the fast kernels reach, for every backend: what runs on one runs on the others.
 */
const MOST_BYTES = 2 ** 32;

/** Checks that a tensor of this shape is not too large for any memory, before anything is done about it. */
export function checkRoom(where: string, dtype: DType, shape: Shape): void {
  const bytes = sizeOf(shape) * arrayTypeOf(where, dtype).BYTES_PER_ELEMENT;
  check(bytes <= MOST_BYTES, where, 'a tensor takes at most 4 GiB', () => describe(dtype, shape));
}

/** Takes memory for a tensor: `take` gets the bytes. If the system has no more, an error says for what. */
export function allocating<T>(where: string, dtype: DType, shape: Shape, take: (bytes: number) => T): T {
  checkRoom(where, dtype, shape);
  try {
    return take(sizeOf(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail(where, 'the system has the memory for a tensor', describe(dtype, shape));
  }
}

/** Zeros on the JavaScript heap. */
export function heapArray(where: string, dtype: DType, shape: Shape): TypedArray {
  return allocating(where, dtype, shape, () => new arrayTypes[dtype](sizeOf(shape)));
}

function describe(dtype: DType, shape: Shape): string {
  const bytes = sizeOf(shape) * arrayTypes[dtype].BYTES_PER_ELEMENT;
  const gib = Math.ceil((bytes / 2 ** 30) * 1000) / 1000; // rounded up: too much never looks like enough
  return `${show(shape)} ${dtype}, which is ${Number(gib.toPrecision(4))} GiB`;
}
