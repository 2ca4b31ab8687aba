import type { FloatArray } from '../../tensor/index.ts';
import { rotate as plain } from '../js/rotate.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ rotate: 11 });

export function rotate(
  y: FloatArray,
  x: FloatArray,
  cos: FloatArray,
  sin: FloatArray,
  tokens: number,
  positions: number,
  heads: number,
  pairs: number,
  apart: number,
  direction: 1 | -1,
): void {
  if (!isFloat32(y)) return plain(y, x, cos, sin, tokens, positions, heads, pairs, apart, direction);
  wasm.rotate(
    { total: tokens, work: 3 * y.length },
    [y],
    [x, cos, sin],
    [positions, heads, pairs, apart, direction],
  );
}
