/**
 * Cross entropy of rows of raw scores. With ε label smoothing, V classes, weights w, m = max x and L = log Σ
 * exp(x − m): loss = (1−ε)·w_y·(m − x_y + L) + (ε/V)·Σ_c w_c·(m − x_c + L). `weights` is 0 where all are one.
 * Losses are computed in float64, where no difference of two scores overflows.
 */
import { exp } from './math';
import { rowMax, rowSumExp } from './softmax';
import { loadFirst, log, promoteHigh, storeFirst, sumLanes64 } from './vectors';

@inline
function weightOf(weights: usize, target: i32): f64 {
  return weights == 0 ? 1 : load<f32>(weights + (<usize>target << 2));
}

/** `allWeights` is Σ w. */
export function crossEntropy(
  loss: usize, max: usize, sum: usize, x: usize, targets: usize, weights: usize,
  cols: i32, ignoreIndex: i32, smoothing: f64, allWeights: f64, from: i32, to: i32,
): void {
  const share = smoothing / <f64>cols;
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const scores = x + at * cols;
    const target = load<i32>(targets + at);
    const most = rowMax(scores, cols);
    const total = rowSumExp(scores, cols, most);
    store<f32>(max + at, most);
    store<f32>(sum + at, <f32>total);
    let value: f64 = 0;
    if (target != ignoreIndex) {
      const inRange = <u32>target < <u32>cols;
      const logSum = log(total);
      if (inRange) {
        const below = <f64>most - <f64>load<f32>(scores + (<usize>target << 2));
        value = (1 - smoothing) * weightOf(weights, target) * (below + logSum);
      } else value = NaN;
      if (smoothing > 0) value += share * (distance(scores, weights, cols, most) + allWeights * logSum);
    }
    store<f32>(loss + at, <f32>value);
  }
}

/** Σ w_c·(m − x_c) */
function distance(x: usize, weights: usize, cols: i32, most: f32): f64 {
  const top = f64x2.splat(most);
  let total = f64x2.splat(0);
  for (let i = 0; i < cols; i += 4) {
    const value = loadFirst(x + (i << 2), cols - i, most);
    let low = f64x2.sub(top, f64x2.promote_low_f32x4(value));
    let high = f64x2.sub(top, promoteHigh(value));
    if (weights != 0) {
      const weight = loadFirst(weights + (i << 2), cols - i, 0);
      low = f64x2.mul(low, f64x2.promote_low_f32x4(weight));
      high = f64x2.mul(high, promoteHigh(weight));
    }
    total = f64x2.add(total, f64x2.add(low, high));
  }
  return sumLanes64(total);
}

/** dx ← dloss·(softmax(x)·W − target weights), where W, their sum, uses allWeights = Σ w. */
export function crossEntropyGrad(
  dx: usize, dloss: usize, x: usize, max: usize, sum: usize, targets: usize, weights: usize,
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
    const shift = f32x4.splat(load<f32>(max + at));
    const mass = f32x4.splat(<f32>(d * (onTarget + share * allWeights) / load<f32>(sum + at)));
    const smooth = f32x4.splat(<f32>(d * share));
    for (let i = 0; i < cols; i += 4) {
      const n = cols - i;
      const e = exp(f32x4.sub(loadFirst(scores + (i << 2), n, 0), shift));
      const off = weights == 0 ? smooth : f32x4.mul(smooth, loadFirst(weights + (i << 2), n, 0));
      storeFirst(out + (i << 2), f32x4.sub(f32x4.mul(e, mass), off), n);
    }
    if (inRange) {
      const own = out + (<usize>target << 2);
      store<f32>(own, load<f32>(own) - <f32>(d * onTarget));
    }
  }
}
