/**
 * Attention forward, y = softmax(scale·q·kᵀ + mask)·v, one head after the other: a head is one thread's
 * alone. The keys and values of a head are packed into panels, and four queries at a time go all the way
 * (scores, softmax, mixture of values), so the scores in memory are four rows. Panels of keys that none of
 * the four sees are skipped.
 */
import { Of, Plan } from './attentionPlan';
import { FEW, rawScores, softmaxRows } from './attentionScores';
import { packColumnPanels, packRowPanels, padded } from './panels';
import { madd } from './simd';
import { rowsTimesPanels } from './tile';
import { loadFirst, storeFirst } from './vectors';

/** Floats of scratch memory for a thread: panels of k and v, four rows of scores, four of y, four factors. */
export function attentionScratch(S: i32, D: i32): i32 {
  return 2 * padded(S) * padded(D) + 4 * (padded(S) + padded(D) + 1);
}

/** `dropFactor` is 1/(1−p) of dropout. */
export function attention(
  y: usize, max: usize, sum: usize, scratch: usize, plan: Plan, q: usize, k: usize, v: usize, mask: usize,
  scale: f32, dropFactor: f32, from: i32, to: i32,
): void {
  const T = plan.T;
  const S = plan.S;
  const D = plan.D;
  const line = <usize>padded(S) << 2;
  const width = <usize>padded(D) << 2;
  const keyPanels = plan.scratchOf(scratch, from);
  const valuePanels = keyPanels + padded(S) * width;
  const P = valuePanels + padded(S) * width;
  const out = P + 4 * line;
  const qStep = plan.rowStep(Of.q);
  const few = T < FEW;
  for (let pair = from; pair < to; pair++) {
    const values = plan.headAt(v, Of.v, pair);
    const keys = plan.headAt(k, Of.k, pair);
    if (!few) {
      packRowPanels(keyPanels, keys, plan.rowStep(Of.k), S, D);
      packColumnPanels(valuePanels, values, plan.rowStep(Of.v), S, D);
    }
    const step = few ? 1 : 4;
    for (let t = 0; t < T; t += step) {
      const last = min(step - 1, T - 1 - t);
      const seen = plan.visibleKeys(t + last);
      const query = plan.headAt(q, Of.q, pair) + <usize>t * qStep;
      rawScores(P, line, query, qStep, last, keys, plan.rowStep(Of.k), keyPanels, seen, D, few);
      const factors = out + (width << 2);
      softmaxRows(P, line, last, plan, pair, t, seen, scale, mask, dropFactor, max, sum, factors);
      if (few) mix(out, P, values, plan.rowStep(Of.v), seen, D);
      else rowsTimesPanels(out, width, P, line, last, valuePanels, S, seen, D);
      const target = plan.headAt(y, Of.y, pair) + <usize>t * plan.rowStep(Of.y);
      for (let r = 0; r <= last; r++) {
        const factor = load<f32>(factors + (<usize>r << 2));
        storeScaled(target + <usize>r * plan.rowStep(Of.y), out + <usize>r * width, D, factor);
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
