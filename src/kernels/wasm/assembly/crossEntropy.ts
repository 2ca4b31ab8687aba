/**
 * Cross entropy of rows of raw scores. With ε label smoothing, V classes, weights w and L = log Σ exp(x):
 * loss = (1−ε)·w_y·(L − x_y) + (ε/V)·Σ_c w_c·(L − x_c). `weights` is 0 where all are one. Sums run in float64.
 */
import { exp } from './math';
import { rowLogSumExp } from './softmax';
import { addPairs, loadFirst, storeFirst, sumLanes64 } from './vectors';

@inline
function weightOf(weights: usize, target: i32): f64 {
  return weights == 0 ? 1 : load<f32>(weights + (<usize>target << 2));
}

export function crossEntropy(
  loss: usize, logSumExp: usize, x: usize, targets: usize, weights: usize,
  cols: i32, ignoreIndex: i32, smoothing: f64, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const scores = x + at * cols;
    const target = load<i32>(targets + at);
    const total = rowLogSumExp(scores, cols);
    store<f32>(logSumExp + at, <f32>total);
    let value: f64 = 0;
    if (target != ignoreIndex) {
      const inRange = <u32>target < <u32>cols;
      value = inRange ? (1 - smoothing) * weightOf(weights, target) * (total - load<f32>(scores + (target << 2))) : NaN;
      if (smoothing > 0) value += (smoothing / <f64>cols) * distance(scores, weights, cols, <f32>total);
    }
    store<f32>(loss + at, <f32>value);
  }
}

/** Σ w_c·(L − x_c) */
function distance(x: usize, weights: usize, cols: i32, logSum: f32): f64 {
  const all = f32x4.splat(logSum);
  let total = f64x2.splat(0);
  for (let i = 0; i < cols; i += 4) {
    let d = f32x4.sub(all, loadFirst(x + (i << 2), cols - i, logSum));
    if (weights != 0) d = f32x4.mul(d, loadFirst(weights + (i << 2), cols - i, 0));
    total = addPairs(total, d);
  }
  return sumLanes64(total);
}

/** dx ← dloss·(softmax(x)·W − target weights), where W, their sum, uses allWeights = Σ w. */
export function crossEntropyGrad(
  dx: usize, dloss: usize, x: usize, logSumExp: usize, targets: usize, weights: usize,
  cols: i32, ignoreIndex: i32, smoothing: f64, allWeights: f64, from: i32, to: i32,
): void {
  const share = smoothing / <f64>cols;
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const scores = x + at * cols;
    const out = dx + at * cols;
    const target = load<i32>(targets + at);
    if (target == ignoreIndex) {
      memory.fill(out, 0, <usize>cols << 2);
      continue;
    }
    const d = <f64>load<f32>(dloss + at);
    const inRange = <u32>target < <u32>cols;
    const onTarget = inRange ? (1 - smoothing) * weightOf(weights, target) : NaN;
    const shift = f32x4.splat(load<f32>(logSumExp + at));
    const mass = f32x4.splat(<f32>(d * (onTarget + share * allWeights)));
    const smooth = f32x4.splat(<f32>(d * share));
    for (let i = 0; i < cols; i += 4) {
      const n = cols - i;
      const p = exp(f32x4.sub(loadFirst(scores + (i << 2), n, 0), shift));
      const off = weights == 0 ? smooth : f32x4.mul(smooth, loadFirst(weights + (i << 2), n, 0));
      storeFirst(out + (i << 2), f32x4.sub(f32x4.mul(p, mass), off), n);
    }
    if (inRange) {
      const own = out + (<usize>target << 2);
      store<f32>(own, load<f32>(own) - <f32>(d * onTarget));
    }
  }
}
