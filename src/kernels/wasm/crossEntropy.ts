import type { FloatArray } from '../../tensor/index.ts';
import type { CrossEntropyOptions } from '../contract.ts';
import * as plain from '../js/crossEntropy.ts';
import { call, isFloat32 } from './call.ts';

/** Elementary operations for one score. */
const COST = 20;

export function crossEntropy(
  loss: FloatArray,
  logSumExp: FloatArray,
  x: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  options: CrossEntropyOptions,
): void {
  if (!isFloat32(x)) return plain.crossEntropy(loss, logSumExp, x, targets, rows, cols, options);
  const { ignoreIndex, labelSmoothing, weights } = options;
  const sizes = [cols, ignoreIndex, labelSmoothing];
  call('crossEntropy', { total: rows, work: rows * cols * COST }, [loss, logSumExp], [x, targets, weights], sizes);
}

export function crossEntropyGrad(
  dx: FloatArray,
  dloss: FloatArray,
  x: FloatArray,
  logSumExp: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  options: CrossEntropyOptions,
): void {
  if (!isFloat32(x)) return plain.crossEntropyGrad(dx, dloss, x, logSumExp, targets, rows, cols, options);
  const { ignoreIndex, labelSmoothing, weights } = options;
  let allWeights = weights === null ? cols : 0;
  for (const weight of weights ?? []) allWeights += weight;
  const inputs = [dloss, x, logSumExp, targets, weights];
  const sizes = [cols, ignoreIndex, labelSmoothing, allWeights];
  call('crossEntropyGrad', { total: rows, work: rows * cols * COST }, [dx], inputs, sizes);
}
