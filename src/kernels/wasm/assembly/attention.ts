/**
 * Attention forward, y = softmax(scale·q·kᵀ + mask)·v, one head after the other: a head is one thread's
 * alone. The keys and values of a head are packed into panels, and four queries at a time go all the way
 * (scores, softmax, mixture of values), so the scores in memory are four rows. Panels of keys that none of
 * the four sees are skipped.
 */
import * as plans from './attentionPlan';
import { FEW, rawScores, softmaxRows } from './attentionScores';
import { madd } from './simd';
import { packColumnPanels, packRowPanels, rowsTimesPanels } from './tile';
import { loadFirst, storeFirst } from './vectors';

/** `dropFactor` is 1/(1−p) of dropout. */
export function attention(
  y: usize, max: usize, sum: usize, scratch: usize, plan: usize, q: usize, k: usize, v: usize, mask: usize,
  scale: f32, dropFactor: f32, from: i32, to: i32,
): void {
  const T = plans.queries(plan);
  const S = plans.keys(plan);
  const D = plans.headSize(plan);
  const padded = <usize>((S + 7) & -8);
  const width = <usize>((D + 7) & -8) << 2;
  const keyPanels = plans.scratchOf(scratch, plan, from);
  const valuePanels = keyPanels + padded * width;
  const P = valuePanels + padded * width;
  const out = P + (padded << 4);
  const qStep = plans.rowStep(plan, plans.Q);
  const few = T < FEW;
  for (let pair = from; pair < to; pair++) {
    const values = plans.headAt(v, plan, plans.V, pair);
    const keys = plans.headAt(k, plan, plans.K, pair);
    if (!few) {
      packRowPanels(keyPanels, keys, plans.rowStep(plan, plans.K), S, D);
      packColumnPanels(valuePanels, values, plans.rowStep(plan, plans.V), S, D);
    }
    const step = few ? 1 : 4;
    for (let t = 0; t < T; t += step) {
      const last = min(step - 1, T - 1 - t);
      const seen = plans.visibleKeys(plan, t + last);
      const query = plans.headAt(q, plan, plans.Q, pair) + <usize>t * qStep;
      rawScores(P, padded << 2, query, qStep, last, keys, plans.rowStep(plan, plans.K), keyPanels, seen, D, few);
      const factors = out + (width << 2);
      softmaxRows(P, padded << 2, last, plan, pair, t, seen, scale, mask, dropFactor, max, sum, factors);
      if (few) mix(out, P, values, plans.rowStep(plan, plans.V), seen, D);
      else rowsTimesPanels(out, width, P, padded << 2, last, valuePanels, S, seen, D);
      const target = plans.headAt(y, plan, plans.Y, pair) + <usize>t * plans.rowStep(plan, plans.Y);
      for (let r = 0; r <= last; r++) {
        const factor = load<f32>(factors + (<usize>r << 2));
        storeScaled(target + <usize>r * plans.rowStep(plan, plans.Y), out + <usize>r * width, D, factor);
      }
    }
  }
}

@inline
function storeScaled(to: usize, from: usize, n: i32, factor: f32): void {
  for (let d = 0; d < n; d += 4, to += 16, from += 16) {
    storeFirst(to, f32x4.mul(v128.load(from), f32x4.splat(factor)), n - d);
  }
}

/** out ← Σ weights[s]·values[s] */
function mix(out: usize, weights: usize, values: usize, step: usize, n: i32, D: i32): void {
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    let from = values + (<usize>d << 2);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let s = 0; s < n; s++, from += step) {
      const w = v128.load32_splat(weights + (<usize>s << 2));
      s0 = madd(w, v128.load(from), s0);
      s1 = madd(w, v128.load(from, 16), s1);
      s2 = madd(w, v128.load(from, 32), s2);
      s3 = madd(w, v128.load(from, 48), s3);
    }
    const to = out + (<usize>d << 2);
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
  for (; d < D; d += 4) {
    let from = values + (<usize>d << 2);
    let sum = f32x4.splat(0);
    for (let s = 0; s < n; s++, from += step) {
      sum = madd(v128.load32_splat(weights + (<usize>s << 2)), loadFirst(from, D - d, 0), sum);
    }
    v128.store(out + (<usize>d << 2), sum);
  }
}
