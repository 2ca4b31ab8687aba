import type { FloatArray } from '../../tensor/index.ts';
import * as plain from '../js/softmax.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ softmax: 5, softmaxGrad: 6, logSumExp: 5 });

/** Elementary operations for one element. */
const COST = 20;

export function softmax(y: FloatArray, x: FloatArray, rows: number, cols: number): void {
  if (!isFloat32(y)) return plain.softmax(y, x, rows, cols);
  wasm.softmax({ total: rows, work: rows * cols * COST }, [y], [x], [cols]);
}

export function softmaxGrad(dx: FloatArray, dy: FloatArray, y: FloatArray, rows: number, cols: number): void {
  if (!isFloat32(y)) return plain.softmaxGrad(dx, dy, y, rows, cols);
  wasm.softmaxGrad({ total: rows, work: rows * cols * 4 }, [dx], [dy, y], [cols]);
}

export function logSumExp(out: FloatArray, x: FloatArray, rows: number, cols: number): void {
  if (!isFloat32(x)) return plain.logSumExp(out, x, rows, cols);
  wasm.logSumExp({ total: rows, work: rows * cols * COST }, [out], [x], [cols]);
}
