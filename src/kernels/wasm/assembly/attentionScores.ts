/** One row of attention: masks, softmax weights, dropout. Rows in scratch memory may be read and written up to a multiple of 4. */
import { keys, maskStep, seedOf, thresholdOf, visibleKeys } from './attentionPlan';
import { exp } from './math';
import { keepMask, maxLanes } from './simd';
import { addPairs, log, sumLanes64 } from './vectors';

/** row ← scale·row + mask; hidden keys, from `visible` to the next multiple of 4, −∞. Returns the maximum, or NaN if there is one. */
// @ts-ignore: decorator
@inline
export function finishScores(row: usize, visible: i32, scale: f32, mask: usize, step: usize): f32 {
  const factor = f32x4.splat(scale);
  const lanes = i32x4(0, 1, 2, 3);
  const hidden = f32x4.splat(-Infinity);
  let most = hidden;
  let nan = f32x4.splat(0);
  for (let s = 0; s < visible; s += 4, row += 16) {
    let score = f32x4.mul(factor, v128.load(row));
    if (mask != 0) score = f32x4.add(score, maskAt(mask + <usize>s * step, step, visible - s));
    if (s + 4 > visible) score = v128.bitselect(score, hidden, i32x4.lt_s(lanes, i32x4.splat(visible - s)));
    v128.store(row, score);
    most = f32x4.pmax(most, score);
    nan = v128.or(nan, f32x4.ne(score, score));
  }
  return v128.any_true(nan) ? NaN : maxLanes(most);
}

/** Up to four numbers of the mask, `step` bytes apart. */
function maskAt(at: usize, step: usize, n: i32): v128 {
  if (step == 4 && n >= 4) return v128.load(at);
  let x = f32x4.splat(load<f32>(at));
  if (n > 1) x = f32x4.replace_lane(x, 1, load<f32>(at + step));
  if (n > 2) x = f32x4.replace_lane(x, 2, load<f32>(at + 2 * step));
  if (n > 3) x = f32x4.replace_lane(x, 3, load<f32>(at + 3 * step));
  return x;
}

/** row ← exp(row − most), and its sum; zeros behind it up to `end`. */
// @ts-ignore: decorator
@inline
export function expRow(row: usize, visible: i32, end: i32, most: f32): f64 {
  const shift = f32x4.splat(most);
  let total = f64x2.splat(0);
  let s = 0;
  for (; s < visible; s += 4) {
    const at = row + (<usize>s << 2);
    const e = exp(f32x4.sub(v128.load(at), shift));
    v128.store(at, e);
    total = addPairs(total, e);
  }
  zeros(row, s, end);
  return sumLanes64(total);
}

// @ts-ignore: decorator
@inline
export function zeros(row: usize, from: i32, end: i32): void {
  for (let s = from; s < end; s += 4) v128.store(row + (<usize>s << 2), f32x4.splat(0));
}

/** Softmax of a row of raw scores, not yet divided by its sum. Returns the sum (0 where no key is seen) and keeps its logarithm. */
export function softmaxRow(
  row: usize, visible: i32, end: i32, scale: f32, mask: usize, step: usize, logSumExp: usize,
): f64 {
  const most = finishScores(row, visible, scale, mask, step);
  if (most == -Infinity) {
    zeros(row, 0, end);
    store<f32>(logSumExp, -Infinity);
    return 0;
  }
  const total = expRow(row, visible, end, most);
  store<f32>(logSumExp, most == Infinity ? most : <f32>(<f64>most + log(total)));
  return total;
}

/** Each number of a row is dropped or scaled by factor = 1/(1−p); `index` counts the weights of all heads. */
export function dropRow(row: usize, visible: i32, index: i32, seed: i32, threshold: i32, factor: f32): void {
  for (let s = 0; s < visible; s += 4, row += 16) {
    const kept = keepMask(i32x4.splat(seed), i32x4.add(i32x4.splat(index + s), i32x4(0, 1, 2, 3)), i32x4.splat(threshold));
    v128.store(row, v128.and(kept, f32x4.mul(v128.load(row), f32x4.splat(factor))));
  }
}

/**
 * Backward of a row: p holds raw scores and dS the raw dP = dY·Vᵀ; they become p ← exp(scale·p + mask − logSumExp) ⊙ D and
 * dS ← scale·p ⊙ (dP⊙D − dot), D the dropout factors. Zeros from the last visible key up to `end`.
 */
export function scoreGradRow(
  p: usize, dS: usize, plan: usize, index: i32, t: i32, end: i32,
  scale: f32, mask: usize, logSumExp: f32, dot: f32, factor: f32,
): void {
  const visible = visibleKeys(plan, t);
  const threshold = thresholdOf(plan);
  let s = 0;
  if (logSumExp != -Infinity) {
    finishScores(p, visible, scale, mask, maskStep(plan));
    const shift = f32x4.splat(logSumExp);
    for (; s < visible; s += 4) {
      const at = <usize>s << 2;
      const weight = exp(f32x4.sub(v128.load(p + at), shift));
      let kept = weight;
      let d = v128.load(dS + at);
      if (threshold != 0) {
        const indices = i32x4.add(i32x4.splat(index * keys(plan) + s), i32x4(0, 1, 2, 3));
        const keep = keepMask(i32x4.splat(seedOf(plan)), indices, i32x4.splat(threshold));
        kept = v128.and(keep, f32x4.mul(weight, f32x4.splat(factor)));
        d = v128.and(keep, f32x4.mul(d, f32x4.splat(factor)));
      }
      v128.store(p + at, kept);
      v128.store(dS + at, f32x4.mul(f32x4.mul(weight, f32x4.splat(scale)), f32x4.sub(d, f32x4.splat(dot))));
    }
  }
  zeros(p, s, end);
  zeros(dS, s, end);
}
