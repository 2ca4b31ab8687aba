/**
 * The number types of a safetensors file, and what they become in memory: the floats of less than 32 bits
 * float32, small whole numbers int32, and I64 float64, which holds whole numbers up to 2⁵³.
 */
import { check, type TypedArray } from '../tensor/index.ts';

export interface StoredType {
  /** Bytes of one number in the file. */
  readonly width: number;
  /** The numbers of these bytes, which are aligned and may be kept. Errors start with `where`. */
  readonly read: (bytes: ArrayBuffer, where: string) => TypedArray;
}

const types: Readonly<Record<string, StoredType>> = {
  F64: { width: 8, read: (bytes) => new Float64Array(bytes) },
  F32: { width: 4, read: (bytes) => new Float32Array(bytes) },
  F16: { width: 2, read: (bytes) => fromHalf(new Uint16Array(bytes)) },
  BF16: { width: 2, read: (bytes) => fromBrain(new Uint16Array(bytes)) },
  I64: { width: 8, read: (bytes, where) => fromLong(new BigInt64Array(bytes), where) },
  I32: { width: 4, read: (bytes) => new Int32Array(bytes) },
  I8: { width: 1, read: (bytes) => Int32Array.from(new Int8Array(bytes)) },
  U8: { width: 1, read: (bytes) => Int32Array.from(new Uint8Array(bytes)) },
  BOOL: { width: 1, read: (bytes, where) => fromBool(new Uint8Array(bytes), where) },
};

/** By name; a Map, because a file may name what every object has. */
export const storedTypes: ReadonlyMap<unknown, StoredType> = new Map(Object.entries(types));

/** IEEE half precision: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. Exact. */
function fromHalf(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (const [i, half] of halves.entries()) {
    bits[i] = (half & 0x7fff) << 13; // exponent and fraction in their places; the bias is 127
    if ((half & 0x7c00) === 0x7c00) bits[i]! |= 0x7f800000;
    else floats[i]! *= 2 ** 112;
    bits[i]! |= (half & 0x8000) << 16;
  }
  return floats;
}

/** Brain floats: the upper half of a float32. */
function fromBrain(upper: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(upper, (bits) => bits << 16).buffer);
}

function fromLong(longs: BigInt64Array, where: string): Float64Array {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  const bad = longs.find((value) => value > limit || value < -limit);
  check(
    bad === undefined,
    where,
    'numbers of type I64 lie within ±2⁵³, where float64 is exact',
    () => `${bad}`,
  );
  return Float64Array.from(longs, Number);
}

function fromBool(bytes: Uint8Array, where: string): Int32Array {
  const bad = bytes.find((value) => value > 1);
  check(bad === undefined, where, 'values of type BOOL are 0 or 1', () => `${bad}`);
  return Int32Array.from(bytes);
}
