/**
 * Rows of scores in scratch memory: masks, softmax weights, dropout, and their gradient. Work runs to `end`,
 * the last key that any of a group of rows sees, rounded up to whole vectors; a row's own hidden keys get −∞
 * and so weight 0.
 */
import { Of, Plan } from './attentionPlan';
import { exp } from './math';
import { keepMask, madd, maxLanes, sumLanes } from './simd';
import { rowsTimesPanels } from './tile';
import { addPairs, loadFirst, sumLanes64 } from './vectors';

/** So many queries are worth packing all keys into panels; in generation there are fewer. */
export const FEW: i32 = 4;

/**
 * P ← query · key for the first `seen` keys and the queries 0 … last from `query` on. One function for
 * forward and backward, so that the scores of both are the same to the bit, and exp(score − max) at most 1.
 * `panels` are the packed keys, which few queries do without.
 */
export function rawScores(
  P: usize, line: usize, query: usize, qStep: usize, last: i32,
  keys: usize, kStep: usize, panels: usize, seen: i32, D: i32, few: bool,
): void {
  if (!few) return rowsTimesPanels(P, line, query, qStep, last, panels, D, D, seen);
  for (let r: usize = 0; r <= <usize>last; r++) dots(P + r * line, query + r * qStep, keys, kStep, seen, D);
}

/** out[s] ← query · keys[s] */
function dots(out: usize, query: usize, keys: usize, step: usize, n: i32, D: i32): void {
  for (let s = 0; s < n; s++, keys += step, out += 4) {
    let sum = f32x4.splat(0);
    for (let d = 0; d < D; d += 4) {
      const at = <usize>d << 2;
      sum = madd(loadFirst(query + at, D - d, 0), loadFirst(keys + at, D - d, 0), sum);
    }
    store<f32>(out, sumLanes(sum));
  }
}

/** row ← scale·row + mask, −∞ where hidden. Returns the maximum, or NaN if there is one. */
@inline
function finishScores(row: usize, plan: Plan, pair: i32, t: i32, end: i32, scale: f32, mask: usize): f32 {
  const visible = plan.visibleKeys(t);
  const factor = f32x4.splat(scale);
  const hidden = f32x4.splat(-Infinity);
  const step = mask == 0 ? 0 : plan.maskStep();
  let bias: usize = mask == 0 ? 0 : plan.headAt(mask, Of.mask, pair) + <usize>t * plan.rowStep(Of.mask);
  let most = hidden;
  let nan = f32x4.splat(0);
  let s = 0;
  if (mask == 0) {
    for (; s + 8 <= min(visible, end); s += 8, row += 32) {
      const low = f32x4.mul(factor, v128.load(row));
      const high = f32x4.mul(factor, v128.load(row, 16));
      v128.store(row, low);
      v128.store(row, high, 16);
      most = f32x4.pmax(f32x4.pmax(most, low), high);
      nan = v128.or(nan, v128.or(f32x4.ne(low, low), f32x4.ne(high, high)));
    }
  }
  for (; s < end; s += 4, row += 16) {
    let score = f32x4.mul(factor, v128.load(row));
    if (mask != 0 && s < visible) {
      score = f32x4.add(score, maskAt(bias, step, visible - s));
      bias += 4 * step;
    }
    if (s + 4 > visible) {
      const shown = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(visible - s));
      score = v128.bitselect(score, hidden, shown);
    }
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

/**
 * Raw scores of queries t … t + last → weights still to be multiplied by `factors` (four floats), which are
 * 1/Σ, or 0 where no key is seen. Keeps the maximum and Σ. Pass by pass over the rows, so that one row's
 * maximum need not be waited for.
 */
export function softmaxRows(
  P: usize, line: usize, last: i32, plan: Plan, pair: i32, t: i32, end: i32,
  scale: f32, mask: usize, dropFactor: f32, max: usize, sum: usize, factors: usize,
): void {
  for (let r = 0; r <= last; r++) {
    const most = finishScores(P + <usize>r * line, plan, pair, t + r, end, scale, mask);
    store<f32>(factors + (<usize>r << 2), most);
  }
  for (let r = 0; r <= last; r++) {
    const most = load<f32>(factors + (<usize>r << 2));
    // a row without keys: −∞ − 0, not −∞ + ∞, so that its weights are 0
    const total = expRow(P + <usize>r * line, end, most == -Infinity ? 0 : most);
    store<f32>(factors + (<usize>r << 2), <f32>(total == 0 ? 0 : 1 / total));
    const at = <usize>(pair * plan.T + t + r) << 2;
    store<f32>(max + at, most);
    store<f32>(sum + at, <f32>total);
  }
  if (plan.threshold == 0) return;
  for (let r = 0; r <= last; r++) dropRow(P + <usize>r * line, plan, pair, t + r, end, dropFactor);
}

/** row ← exp(row − most), and its sum */
@inline
function expRow(row: usize, end: i32, most: f32): f64 {
  const shift = f32x4.splat(most);
  let total = f64x2.splat(0);
  let s = 0;
  for (; s + 8 <= end; s += 8, row += 32) {
    const low = exp(f32x4.sub(v128.load(row), shift));
    const high = exp(f32x4.sub(v128.load(row, 16), shift));
    v128.store(row, low);
    v128.store(row, high, 16);
    total = addPairs(addPairs(total, low), high);
  }
  for (; s < end; s += 4, row += 16) {
    const e = exp(f32x4.sub(v128.load(row), shift));
    v128.store(row, e);
    total = addPairs(total, e);
  }
  return sumLanes64(total);
}

/** Which of the weights s … s + 3 of query t dropout keeps. */
@inline
function kept(plan: Plan, pair: i32, t: i32, s: i32): v128 {
  const index = (pair * plan.T + t) * plan.S + s;
  const indices = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  return keepMask(i32x4.splat(plan.seed), indices, i32x4.splat(plan.threshold));
}

/** Each weight is dropped or multiplied by `factor`. */
function dropRow(row: usize, plan: Plan, pair: i32, t: i32, end: i32, factor: f32): void {
  for (let s = 0; s < end; s += 4, row += 16) {
    const survivors = f32x4.mul(v128.load(row), f32x4.splat(factor));
    v128.store(row, v128.and(kept(plan, pair, t, s), survivors));
  }
}

/**
 * Backward of a row: P holds raw scores and dS the raw dP = dY·Vᵀ. With D the dropout factors they become
 * P ← exp(scale·P + mask − max)/sum ⊙ D and dS ← scale·P ⊙ (dP⊙D − dot).
 */
export function scoreGradRow(
  P: usize, dS: usize, plan: Plan, pair: i32, t: i32, end: i32,
  scale: f32, mask: usize, dropFactor: f32, max: f32, sum: f32, dot: f32,
): void {
  finishScores(P, plan, pair, t, end, scale, mask);
  const shift = f32x4.splat(sum == 0 ? 0 : max);
  const share: f32 = sum == 0 ? 0 : 1 / sum;
  const factor = f32x4.splat(share * dropFactor);
  const slope = f32x4.splat(share * scale);
  const drops = plan.threshold != 0;
  let s = 0;
  if (!drops) {
    const less = f32x4.splat(dot);
    for (; s + 8 <= end; s += 8, P += 32, dS += 32) {
      const e0 = exp(f32x4.sub(v128.load(P), shift));
      const e1 = exp(f32x4.sub(v128.load(P, 16), shift));
      const d0 = f32x4.mul(f32x4.mul(e0, slope), f32x4.sub(v128.load(dS), less));
      const d1 = f32x4.mul(f32x4.mul(e1, slope), f32x4.sub(v128.load(dS, 16), less));
      v128.store(P, f32x4.mul(e0, factor));
      v128.store(P, f32x4.mul(e1, factor), 16);
      v128.store(dS, d0);
      v128.store(dS, d1, 16);
    }
  }
  for (; s < end; s += 4, P += 16, dS += 16) {
    const e = exp(f32x4.sub(v128.load(P), shift));
    let weight = f32x4.mul(e, factor);
    let d = v128.load(dS);
    if (drops) {
      const mask = kept(plan, pair, t, s);
      weight = v128.and(mask, weight);
      d = v128.and(mask, f32x4.mul(d, f32x4.splat(dropFactor)));
    }
    v128.store(P, weight);
    v128.store(dS, f32x4.mul(f32x4.mul(e, slope), f32x4.sub(d, f32x4.splat(dot))));
  }
}
