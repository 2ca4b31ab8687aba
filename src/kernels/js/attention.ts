/**
 * Scaled dot-product attention, one head at a time. With P = softmax(scale·QKᵀ + mask) and D the dropout factors (0 or
 * 1/(1−p)), Y = (P⊙D)·V. Backward computes P again from the kept maximum and sum of each row and uses
 * dV = (P⊙D)ᵀ·dY,  dP = (dY·Vᵀ)⊙D,  dS = P ⊙ (dP − rowsum(dY⊙Y)),  dQ = scale·dS·K,  dK = scale·dSᵀ·Q.
 * A query that may see no key gets zeros.
 *
 * Maximum and sum are kept apart: added up to max + log(sum), a large maximum (a mask of −1e9, say) would swallow the sum.
 */
import type { FloatArray, NdArray } from '../../tensor/index.ts';
import type { AttentionOptions } from '../contract.ts';
import { keeps } from './dropout.ts';
import { matmul } from './matmul.ts';
import { rowMax, rowSumExp } from './softmax.ts';

/** Number of batch entries, heads, queries, keys, and the head sizes of k and v. */
function sizesOf(q: NdArray, v: NdArray) {
  const [B, H, T, D] = q.shape as [number, number, number, number];
  return { B, H, T, D, S: v.shape[2]! };
}

export function attention(
  y: NdArray,
  max: FloatArray,
  sum: FloatArray,
  q: NdArray,
  k: NdArray,
  v: NdArray,
  options: AttentionOptions,
): void {
  const { B, H, T, S, D } = sizesOf(q, v);
  const [Q, Y] = [matrix(T, D), matrix(T, D)];
  const [K, V] = [matrix(S, D), matrix(S, D)];
  const P = matrix(T, S);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      loadHead(Q, q, b, h);
      loadHead(K, k, b, h);
      loadHead(V, v, b, h);
      scores(P, Q, K, b, h, T, S, D, options);
      roundLike(max, P);
      const row = (b * H + h) * T;
      for (let t = 0; t < T; t++) {
        max[row + t] = rowMax(P, t * S, (t + 1) * S);
        sum[row + t] = rowSumExp(P, t * S, (t + 1) * S, max[row + t]!);
      }
      weights(P, max, sum, row, T, S);
      if (options.dropout) dropWeights(P, row * S, options.dropout);
      matmul(Y, P, V, null, { m: T, n: D, k: S });
      storeHead(y, Y, b, h);
    }
  }
}

export function attentionGrad(
  dq: NdArray,
  dk: NdArray,
  dv: NdArray,
  dy: NdArray,
  y: NdArray,
  max: FloatArray,
  sum: FloatArray,
  q: NdArray,
  k: NdArray,
  v: NdArray,
  options: AttentionOptions,
): void {
  const { B, H, T, S, D } = sizesOf(q, v);
  const [Q, Y, dQ, dY] = [matrix(T, D), matrix(T, D), matrix(T, D), matrix(T, D)];
  const [K, V, dK, dV] = [matrix(S, D), matrix(S, D), matrix(S, D), matrix(S, D)];
  const [P, dP, dropped] = [matrix(T, S), matrix(T, S), matrix(T, S)];
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const row = (b * H + h) * T;
      loadHead(Q, q, b, h);
      loadHead(K, k, b, h);
      loadHead(V, v, b, h);
      loadHead(Y, y, b, h);
      loadHead(dY, dy, b, h);
      scores(P, Q, K, b, h, T, S, D, options);
      roundLike(max, P);
      weights(P, max, sum, row, T, S);
      dropped.set(P);
      matmul(dP, dY, V, null, { m: T, n: S, k: D, transposeB: true });
      if (options.dropout) {
        dropWeights(dropped, row * S, options.dropout);
        dropWeights(dP, row * S, options.dropout);
      }
      matmul(dV, dropped, dY, null, { m: S, n: D, k: T, transposeA: true });
      scoreGrad(P, dP, dY, Y, T, S, D, options.scale);
      matmul(dQ, P, K, null, { m: T, n: D, k: S });
      matmul(dK, P, Q, null, { m: S, n: D, k: T, transposeA: true });
      storeHead(dq, dQ, b, h);
      storeHead(dk, dK, b, h);
      storeHead(dv, dV, b, h);
    }
  }
}

const matrix = (rows: number, cols: number) => new Float64Array(rows * cols);

/** P ← scale·QKᵀ + mask, −∞ for keys after the query when causal */
function scores(
  P: Float64Array,
  Q: Float64Array,
  K: Float64Array,
  b: number,
  h: number,
  T: number,
  S: number,
  D: number,
  { scale, causal, mask }: AttentionOptions,
): void {
  matmul(P, Q, K, null, { m: T, n: S, k: D, transposeB: true });
  for (let t = 0; t < T; t++) {
    const visible = causal ? t + S - T + 1 : S;
    let at = mask === null ? 0 : mask.offset + b * mask.stride[0]! + h * mask.stride[1]! + t * mask.stride[2]!;
    for (let s = 0; s < S; s++) {
      const i = t * S + s;
      P[i] = s < visible ? scale * P[i]! : Number.NEGATIVE_INFINITY;
      if (mask !== null) {
        P[i]! += mask.data[at] as number;
        at += mask.stride[3]!;
      }
    }
  }
}

/** Rounds the scores to the float type in which their maximum is kept, so that it stays one of them. */
function roundLike(max: FloatArray, P: Float64Array): void {
  if (max instanceof Float32Array) P.set(new Float32Array(P));
}

/** P ← exp(P − max) / sum, zeros where no key is seen */
function weights(P: Float64Array, max: FloatArray, sum: FloatArray, row: number, T: number, S: number): void {
  for (let t = 0; t < T; t++) {
    const [most, total] = [max[row + t]!, sum[row + t]!];
    for (let i = t * S; i < (t + 1) * S; i++) P[i] = total === 0 ? 0 : Math.exp(P[i]! - most) / total;
  }
}

function dropWeights(P: Float64Array, index: number, { p, seed }: { p: number; seed: number }): void {
  for (let i = 0; i < P.length; i++) P[i] = keeps(seed, index + i, p) ? P[i]! / (1 - p) : 0;
}

/** P ← scale·P ⊙ (dP − rowsum(dY⊙Y)) */
function scoreGrad(
  P: Float64Array,
  dP: Float64Array,
  dY: Float64Array,
  Y: Float64Array,
  T: number,
  S: number,
  D: number,
  scale: number,
): void {
  for (let t = 0; t < T; t++) {
    let dot = 0;
    for (let i = t * D; i < (t + 1) * D; i++) dot += dY[i]! * Y[i]!;
    for (let i = t * S; i < (t + 1) * S; i++) P[i] = scale * P[i]! * (dP[i]! - dot);
  }
}

function loadHead(head: Float64Array, view: NdArray, b: number, h: number): void {
  const { data, shape, stride, offset } = view;
  for (let t = 0, i = 0; t < shape[2]!; t++) {
    let at = offset + b * stride[0]! + h * stride[1]! + t * stride[2]!;
    for (let d = 0; d < shape[3]!; d++, at += stride[3]!) head[i++] = data[at]!;
  }
}

function storeHead(view: NdArray, head: Float64Array, b: number, h: number): void {
  const { data, shape, stride, offset } = view;
  for (let t = 0, i = 0; t < shape[2]!; t++) {
    let at = offset + b * stride[0]! + h * stride[1]! + t * stride[2]!;
    for (let d = 0; d < shape[3]!; d++, at += stride[3]!) data[at] = head[i++]!;
  }
}
