import type { FloatArray } from '../../tensor/index.ts';
import type { CrossEntropyOptions } from '../contract.ts';
import { rowMax, rowSumExp } from './softmaxSums.ts';

/**
 * Cross entropy from logits x. With target y, label smoothing ε, V classes, class weights w, m = max x and
 * L = log Σ exp(x − m):
 *
 *   loss = (1−ε)·w_y·(m − x_y + L) + (ε/V)·Σ_c w_c·(m − x_c + L)
 *
 * Outputs: loss, max and sum = Σ exp(x − max), (rows) each; backward needs the last two.
 * Inputs: x (rows, cols) with cols = V, targets (rows).
 *
 * Large logits go first, m − x_c: next to m, L would lose its digits.
 */
export function crossEntropy(
  loss: FloatArray,
  max: FloatArray,
  sum: FloatArray,
  x: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions<FloatArray>,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const target = targets[row]!;
    // pass 1: the maximum
    const most = rowMax(x, start, start + cols);
    // pass 2: the sum of exponentials
    const total = rowSumExp(x, start, start + cols, most);
    max[row] = most;
    sum[row] = total;
    if (target === ignoreIndex) {
      loss[row] = 0;
      continue;
    }
    // pass 3: −log p of the target, and with label smoothing of every class
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

/**
 * The gradient of the loss of each row, times dloss of that row:
 *
 *   dx = dloss·(W·p − q),  p = softmax(x),  q_c = (1−ε)·w_y·[c = y] + (ε/V)·w_c,  W = Σ q
 *
 * Without weights W = 1: the probabilities minus the target distribution. docs/derivations.md has the proof.
 * Output: dx (rows, cols), zeros in ignored rows.
 * Inputs: dloss, max, sum and targets (rows), x (rows, cols).
 */
export function crossEntropyGrad(
  dx: FloatArray,
  dloss: FloatArray,
  x: FloatArray,
  max: FloatArray,
  sum: FloatArray,
  targets: Int32Array,
  rows: number,
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions<FloatArray>,
): void {
  // pass 1: Σ w over all classes, for W
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
    // pass 2: one row. forward: loss = (1−ε)·w_y·(−log p_y) + (ε/V)·Σ_c w_c·(−log p_c)
    const onTarget = (1 - labelSmoothing) * (weights === null ? 1 : weights[target]!);
    const mass = onTarget + smooth * allWeights; // W
    for (let c = 0; c < cols; c++) {
      const probability = Math.exp(x[start + c]! - max[row]!) / sum[row]!; // p, again
      dx[start + c] = d * (probability * mass - smooth * (weights === null ? 1 : weights[c]!));
    }
    dx[start + target]! -= d * onTarget;
  }
}
