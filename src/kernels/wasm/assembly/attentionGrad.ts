/**
 * Attention backward, one head after the other. For a block of queries the weights P are computed again from
 * the kept maximum and sum of each row; with D the dropout factors (0 or 1/(1−p)), dP = (dY·Vᵀ)⊙D,  dS =
 * scale·P ⊙ (dP − rowsum(dY⊙Y)),  dQ = dS·K,  dK += dSᵀ·Q,  dV += (P⊙D)ᵀ·dY. Memory for scores is BLOCK rows,
 * whatever T.
 */
import { Of, Plan } from './attentionPlan';
import { FEW, rawScores, scoreGradRow } from './attentionScores';
import { LINE, PANEL, packColumnPanels, packRowPanels, padded } from './panels';
import { madd, sumLanes } from './simd';
import { rowsTimesPanels, tile } from './tile';
import { loadFirst, storeFirst } from './vectors';

/** Queries whose weights are in memory at a time. */
const BLOCK: i32 = 32;

/**
 * Floats of scratch memory for a thread: panels of k twice and of v, dk and dv; a block of weights, of their
 * gradient, of q and of dy; four rows of dq.
 */
export function attentionGradScratch(S: i32, D: i32): i32 {
  return 5 * padded(S) * padded(D) + 2 * BLOCK * (padded(S) + padded(D)) + 4 * padded(D);
}

export function attentionGrad(
  dq: usize, dk: usize, dv: usize, scratch: usize, plan: Plan,
  dy: usize, y: usize, max: usize, sum: usize, q: usize, k: usize, v: usize, mask: usize,
  scale: f32, dropFactor: f32, from: i32, to: i32,
): void {
  const T = plan.T;
  const S = plan.S;
  const D = plan.D;
  const line = <usize>padded(S) << 2;
  const width = <usize>padded(D) << 2;
  const panels = padded(S) * width;
  const keyRows = plan.scratchOf(scratch, from);
  const keyColumns = keyRows + panels;
  const valueRows = keyColumns + panels;
  const dKeys = valueRows + panels;
  const dValues = dKeys + panels;
  const P = dValues + panels;
  const dS = P + BLOCK * line;
  const queryPanels = dS + BLOCK * line;
  const dyPanels = queryPanels + BLOCK * width;
  const out = dyPanels + BLOCK * width;
  const qStep = plan.rowStep(Of.q);
  const kStep = plan.rowStep(Of.k);
  const dyStep = plan.rowStep(Of.dy);
  const yStep = plan.rowStep(Of.y);
  const dqStep = plan.rowStep(Of.dq);
  for (let pair = from; pair < to; pair++) {
    const Q = plan.headAt(q, Of.q, pair);
    const Y = plan.headAt(y, Of.y, pair);
    const dY = plan.headAt(dy, Of.dy, pair);
    const dQ = plan.headAt(dq, Of.dq, pair);
    const keys = plan.headAt(k, Of.k, pair);
    packRowPanels(keyRows, keys, kStep, S, D);
    packColumnPanels(keyColumns, keys, kStep, S, D);
    packRowPanels(valueRows, plan.headAt(v, Of.v, pair), plan.rowStep(Of.v), S, D);
    memory.fill(dKeys, 0, 2 * panels);
    for (let block = 0; block < T; block += BLOCK) {
      const n = min(BLOCK, T - block);
      for (let i = 0; i < n; i += 4) {
        const t = block + i;
        const last = min(3, n - 1 - i);
        const seen = plan.visibleKeys(t + last);
        const p = P + <usize>i * line;
        const ds = dS + <usize>i * line;
        rawScores(p, line, Q + <usize>t * qStep, qStep, last, keys, kStep, keyRows, seen, D, T < FEW);
        rowsTimesPanels(ds, line, dY + <usize>t * dyStep, dyStep, last, valueRows, D, D, seen);
        for (let r = 0; r <= last; r++) {
          const dot = rowDot(dY + <usize>(t + r) * dyStep, Y + <usize>(t + r) * yStep, D);
          const row = <usize>(pair * T + t + r) << 2;
          const at = <usize>r * line;
          const most = load<f32>(max + row);
          const total = load<f32>(sum + row);
          scoreGradRow(p + at, ds + at, plan, pair, t + r, seen, scale, mask, dropFactor, most, total, dot);
        }
        rowsTimesPanels(out, width, ds, line, last, keyColumns, S, seen, D);
        for (let r = 0; r <= last; r++) storeRow(dQ + <usize>(t + r) * dqStep, out + <usize>r * width, D);
      }
      packColumnPanels(queryPanels, Q + <usize>block * qStep, qStep, n, D);
      packColumnPanels(dyPanels, dY + <usize>block * dyStep, dyStep, n, D);
      addTransposed(dKeys, dS, queryPanels, plan, block, n, line, width);
      addTransposed(dValues, P, dyPanels, plan, block, n, line, width);
    }
    storeRows(plan.headAt(dk, Of.dk, pair), plan.rowStep(Of.dk), dKeys, width, S, D);
    storeRows(plan.headAt(dv, Of.dv, pair), plan.rowStep(Of.dv), dValues, width, S, D);
  }
}

/** sum[s] += Σₜ weights[t][s]·rows[t] over those of the n queries of a block that see key s. */
function addTransposed(
  sum: usize, weights: usize, rows: usize, plan: Plan, block: i32, n: i32, line: usize, width: usize,
): void {
  const seen = plan.visibleKeys(block + n - 1);
  const panel = <usize>n * LINE;
  for (let s = 0; s < seen; s += 4) {
    const first = <usize>max(0, plan.firstQuery(s) - block);
    const a = weights + first * line + (<usize>s << 2);
    let b = rows + first * LINE;
    const c = sum + <usize>s * width;
    for (let d: usize = 0; d < width; d += LINE, b += panel) {
      tile(c + d, width, a, 4, line, b, n - <i32>first, 0, 1, 4, PANEL);
    }
  }
}

@inline
function rowDot(a: usize, b: usize, n: i32): f32 {
  let sum = f32x4.splat(0);
  for (let d = 0; d < n; d += 4, a += 16, b += 16) {
    sum = madd(loadFirst(a, n - d, 0), loadFirst(b, n - d, 0), sum);
  }
  return sumLanes(sum);
}

@inline
function storeRow(to: usize, from: usize, n: i32): void {
  for (let d = 0; d < n; d += 4, to += 16, from += 16) storeFirst(to, v128.load(from), n - d);
}

function storeRows(to: usize, step: usize, from: usize, width: usize, rows: i32, n: i32): void {
  for (let row = 0; row < rows; row++, to += step, from += width) storeRow(to, from, n);
}
