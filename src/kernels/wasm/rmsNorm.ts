import type { FloatArray } from '../../tensor/index.ts';
import * as plain from '../js/rmsNorm.ts';
import { compiled, isFloat32 } from './call.ts';
import { withScratch } from './memory.ts';

const wasm = compiled({ rmsNorm: 8, rmsNormGrad: 8, rmsNormGradGain: 9 });

export function rmsNorm(
  y: FloatArray,
  rstd: FloatArray,
  x: FloatArray,
  gain: FloatArray | null,
  rows: number,
  cols: number,
  eps: number,
): void {
  if (!isFloat32(y)) return plain.rmsNorm(y, rstd, x, gain, rows, cols, eps);
  wasm.rmsNorm({ total: rows, work: rows * cols * 5 }, [y, rstd], [x, gain], [cols, eps]);
}

/** dx is split by rows; dgain by columns, so that its sums have one order for any number of threads. */
export function rmsNormGrad(
  dx: FloatArray,
  dgain: FloatArray | null,
  dy: FloatArray,
  x: FloatArray,
  rstd: FloatArray,
  gain: FloatArray | null,
  rows: number,
  cols: number,
): void {
  if (!isFloat32(dx)) return plain.rmsNormGrad(dx, dgain, dy, x, rstd, gain, rows, cols);
  wasm.rmsNormGrad({ total: rows, work: rows * cols * 7 }, [dx], [dy, x, rstd, gain], [cols]);
  if (dgain === null) return;
  const columns = { total: cols, grain: 16, work: rows * cols * 3 };
  withScratch(2 * Math.ceil(cols / 4) * 4, (sums) => {
    wasm.rmsNormGradGain(columns, [dgain, sums], [dy, x, rstd], [rows, cols]);
  });
}
