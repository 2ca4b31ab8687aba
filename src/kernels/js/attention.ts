import type { FloatArray, NdArray } from '../../tensor/index.ts';
import type { AttentionOptions } from '../contract.ts';
import { matmul } from './matmul.ts';
import { rowMax, rowSumExp } from './softmaxSums.ts';
import { uniform } from './uniform.ts';

/** The sizes B batch, H heads, T queries, S keys and D, the head size. */
function sizesOf(q: NdArray, v: NdArray) {
  const [B, H, T, D] = q.shape as [number, number, number, number];
  return { B, H, T, D, S: v.shape[2]! };
}

/**
 * Scaled dot-product attention, one head at a time: each query gets a weighted mean of the values.
 *
 *   S = scale·Q·Kᵀ + mask,  P = softmax(S) row by row,  Y = (P ⊙ M)·V,  M = dropout factors, 0 or 1/(1 − p)
 *
 * Outputs: y (B, H, T, D); max and sum (B, H, T), of each row of S its maximum and Σ exp(S − max).
 * Inputs: q (B, H, T, D), k and v (B, H, S, D). A query that may see no key gets zeros.
 *
 * Backward needs max and sum. They are kept apart: in max + log(sum), a large maximum (a mask of −1e9, say)
 * would swallow the sum.
 */
export function attention(
  y: NdArray,
  max: FloatArray,
  sum: FloatArray,
  q: NdArray,
  k: NdArray,
  v: NdArray,
  options: AttentionOptions<NdArray>,
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
      // pass 1: the scores, S = scale·Q·Kᵀ + mask (held in P)
      scores(P, Q, K, b, h, T, S, D, options);
      roundLike(max, P);
      // pass 2: of each row its maximum and Σ exp(S − max)
      const row = (b * H + h) * T;
      for (let t = 0; t < T; t++) {
        max[row + t] = rowMax(P, t * S, (t + 1) * S);
        sum[row + t] = rowSumExp(P, t * S, (t + 1) * S, max[row + t]!);
      }
      // pass 3: the weights, P = exp(S − max)/sum, then dropout
      weights(P, max, sum, row, T, S);
      if (options.dropout) dropWeights(P, row * S, options.dropout);
      // pass 4: the mixture, Y = P·V
      matmul(Y, P, V, null, { m: T, n: D, k: S });
      storeHead(y, Y, b, h);
    }
  }
}

/**
 * The gradient of attention, last pass first.
 * Outputs: dq (B, H, T, D), dk and dv (B, H, S, D).
 * Inputs: dy, what `attention` returned, and its inputs.
 *
 * Why dS has rowsum(dY ⊙ Y): a score moves all weights of its row, so dS = P ⊙ (dP − rowsum(P ⊙ dP)). With
 * dP = dY·Vᵀ and Y = P·V that sum over S keys is rowsum(dY ⊙ Y), over D channels: see docs/derivations.md.
 */
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
  options: AttentionOptions<NdArray>,
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
      scores(P, Q, K, b, h, T, S, D, options); // passes 1 to 3 again: P, which was not kept
      roundLike(max, P);
      weights(P, max, sum, row, T, S);
      dropped.set(P);
      // back through pass 4; forward: Y = (P ⊙ M)·V
      matmul(dP, dY, V, null, { m: T, n: S, k: D, transposeB: true });
      if (options.dropout) {
        dropWeights(dropped, row * S, options.dropout); // P ⊙ M
        dropWeights(dP, row * S, options.dropout); // dP = (dY·Vᵀ) ⊙ M
      }
      matmul(dV, dropped, dY, null, { m: S, n: D, k: T, transposeA: true }); // dV = (P ⊙ M)ᵀ·dY
      // back through passes 3 and 2; forward: P = softmax(S). P holds scale·dS from here on
      scoreGrad(P, dP, dY, Y, T, S, D, options.scale);
      // back through pass 1; forward: S = scale·Q·Kᵀ + mask. dQ = scale·dS·K, dK = scale·dSᵀ·Q
      matmul(dQ, P, K, null, { m: T, n: D, k: S });
      matmul(dK, P, Q, null, { m: S, n: D, k: T, transposeA: true });
      storeHead(dq, dQ, b, h);
      storeHead(dk, dK, b, h);
      storeHead(dv, dV, b, h);
    }
  }
}

const matrix = (rows: number, cols: number) => new Float64Array(rows * cols);

/** P ← scale·Q·Kᵀ + mask, and −∞ for keys after the query when causal. */
function scores(
  P: Float64Array,
  Q: Float64Array,
  K: Float64Array,
  b: number,
  h: number,
  T: number,
  S: number,
  D: number,
  { scale, causal, mask }: AttentionOptions<NdArray>,
): void {
  matmul(P, Q, K, null, { m: T, n: S, k: D, transposeB: true });
  for (let t = 0; t < T; t++) {
    const visible = causal ? t + S - T + 1 : S;
    let at =
      mask === null ? 0 : mask.offset + b * mask.stride[0]! + h * mask.stride[1]! + t * mask.stride[2]!;
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

/** P ← exp(P − max)/sum, and zeros where no key is seen. */
function weights(P: Float64Array, max: FloatArray, sum: FloatArray, row: number, T: number, S: number): void {
  for (let t = 0; t < T; t++) {
    const [most, total] = [max[row + t]!, sum[row + t]!];
    for (let i = t * S; i < (t + 1) * S; i++) P[i] = total === 0 ? 0 : Math.exp(P[i]! - most) / total;
  }
}

/** P ← P ⊙ M: a dropped weight is 0, a kept one is scaled by 1/(1 − p). Weight 0 has the place `index`. */
function dropWeights(P: Float64Array, index: number, { p, seed }: { p: number; seed: number }): void {
  for (let i = 0; i < P.length; i++) P[i] = uniform(seed, index + i) < p ? 0 : P[i]! / (1 - p);
}

/** P ← scale·dS, with dS = P ⊙ (dP − rowsum(dY ⊙ Y)). */
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

/** head ← the (T, D) matrix of one head of a strided (B, H, T, D) view. */
function loadHead(head: Float64Array, view: NdArray, b: number, h: number): void {
  const { data, shape, stride, offset } = view;
  for (let t = 0, i = 0; t < shape[2]!; t++) {
    let at = offset + b * stride[0]! + h * stride[1]! + t * stride[2]!;
    for (let d = 0; d < shape[3]!; d++, at += stride[3]!) head[i++] = data[at]!;
  }
}

/** Writes a head back into a strided (B, H, T, D) view. */
function storeHead(view: NdArray, head: Float64Array, b: number, h: number): void {
  const { data, shape, stride, offset } = view;
  for (let t = 0, i = 0; t < shape[2]!; t++) {
    let at = offset + b * stride[0]! + h * stride[1]! + t * stride[2]!;
    for (let d = 0; d < shape[3]!; d++, at += stride[3]!) data[at] = head[i++]!;
  }
}
