/**
 * Cross entropy from raw scores. With ε label smoothing, V classes, weights w and L = log Σ exp(x):
 * loss = (1−ε)·w_y·(L − x_y) + (ε/V)·Σ_c w_c·(L − x_c).
 */
import type { FloatArray } from '../../tensor/index.ts';
import type { CrossEntropyOptions } from '../contract.ts';
import { rowLogSumExp } from './softmax.ts';

export function crossEntropy(
  loss: FloatArray,
  logSumExp: FloatArray,
  x: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const target = targets[row]!;
    const total = rowLogSumExp(x, start, start + cols);
    logSumExp[row] = total;
    if (target === ignoreIndex) {
      loss[row] = 0;
      continue;
    }
    let value = (1 - labelSmoothing) * (weights === null ? 1 : weights[target]!) * (total - x[start + target]!);
    if (labelSmoothing > 0) {
      let smooth = 0;
      for (let c = 0; c < cols; c++) smooth += (weights === null ? 1 : weights[c]!) * (total - x[start + c]!);
      value += (labelSmoothing / cols) * smooth;
    }
    loss[row] = value;
  }
}

/** ∂loss/∂x_c = softmax(x)_c·W − target weight of c, where W sums the target weights: softmax minus target when w = 1. */
export function crossEntropyGrad(
  dx: FloatArray,
  dloss: FloatArray,
  x: FloatArray,
  logSumExp: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions,
): void {
  let allWeights = cols;
  if (weights !== null) {
    allWeights = 0;
    for (const weight of weights) allWeights += weight;
  }
  const smooth = labelSmoothing / cols;
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const target = targets[row]!;
    if (target === ignoreIndex) {
      dx.fill(0, start, start + cols);
      continue;
    }
    const d = dloss[row]!;
    const onTarget = (1 - labelSmoothing) * (weights === null ? 1 : weights[target]!);
    const mass = onTarget + smooth * allWeights;
    for (let c = 0; c < cols; c++) {
      const probability = Math.exp(x[start + c]! - logSumExp[row]!);
      dx[start + c] = d * (probability * mass - smooth * (weights === null ? 1 : weights[c]!));
    }
    dx[start + target]! -= d * onTarget;
  }
}
