/**
 * Cross entropy from raw scores. With ε label smoothing, V classes, weights w, m = max x and L = log Σ exp(x − m):
 * loss = (1−ε)·w_y·(m − x_y + L) + (ε/V)·Σ_c w_c·(m − x_c + L).
 *
 * Large scores go first: next to m, L would lose its digits.
 */
import type { FloatArray } from '../../tensor/index.ts';
import type { CrossEntropyOptions } from '../contract.ts';
import { rowMax, rowSumExp } from './softmax.ts';

export function crossEntropy(
  loss: FloatArray,
  max: FloatArray,
  sum: FloatArray,
  x: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const target = targets[row]!;
    const most = rowMax(x, start, start + cols);
    const total = rowSumExp(x, start, start + cols, most);
    max[row] = most;
    sum[row] = total;
    if (target === ignoreIndex) {
      loss[row] = 0;
      continue;
    }
    const minusLog = (c: number) => most - x[start + c]! + Math.log(total);
    let value = (1 - labelSmoothing) * (weights === null ? 1 : weights[target]!) * minusLog(target);
    if (labelSmoothing > 0) {
      let smooth = 0;
      for (let c = 0; c < cols; c++) smooth += (weights === null ? 1 : weights[c]!) * minusLog(c);
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
  max: FloatArray,
  sum: FloatArray,
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
      const probability = Math.exp(x[start + c]! - max[row]!) / sum[row]!;
      dx[start + c] = d * (probability * mass - smooth * (weights === null ? 1 : weights[c]!));
    }
    dx[start + target]! -= d * onTarget;
  }
}
