import type { FloatArray } from '../../tensor/index.ts';
import type { CrossEntropyOptions } from '../contract.ts';
import * as plain from '../js/crossEntropy.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ crossEntropy: 12, crossEntropyGrad: 13 });

/** Elementary operations for one score. */
const COST = 20;

export function crossEntropy(
  loss: FloatArray,
  max: FloatArray,
  sum: FloatArray,
  x: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  options: CrossEntropyOptions<FloatArray>,
): void {
  if (!isFloat32(x)) return plain.crossEntropy(loss, max, sum, x, targets, rows, cols, options);
  const inputs = [x, targets, options.weights];
  wasm.crossEntropy(
    { total: rows, work: rows * cols * COST },
    [loss, max, sum],
    inputs,
    sizesOf(cols, options),
  );
}

export function crossEntropyGrad(
  dx: FloatArray,
  dloss: FloatArray,
  x: FloatArray,
  max: FloatArray,
  sum: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  options: CrossEntropyOptions<FloatArray>,
): void {
  if (!isFloat32(x)) return plain.crossEntropyGrad(dx, dloss, x, max, sum, targets, rows, cols, options);
  const inputs = [dloss, x, max, sum, targets, options.weights];
  wasm.crossEntropyGrad({ total: rows, work: rows * cols * COST }, [dx], inputs, sizesOf(cols, options));
}

function sizesOf(
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions<FloatArray>,
): number[] {
  let allWeights = weights === null ? cols : 0;
  for (const weight of weights ?? []) allWeights += weight;
  return [cols, ignoreIndex, labelSmoothing, allWeights];
}
