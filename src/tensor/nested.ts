import type { TypedArray } from './room.ts';
import { type Shape, sizeOf } from './shape.ts';

/** A number, or arrays of them as deep as a tensor has axes. */
export type NestedArray = number | NestedArray[];

/** Nested arrays of this shape, of values in row-major order. */
export function nest(values: TypedArray, shape: Shape): NestedArray {
  const [length, ...rest] = shape;
  if (length === undefined) return values[0]!;
  const size = sizeOf(rest);
  return Array.from({ length }, (_, i) => nest(values.subarray(i * size, (i + 1) * size), rest));
}

/** A value for JSON, which knows no NaN and no infinity; six digits are enough to look at. */
export function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value);
}
