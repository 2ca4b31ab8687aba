import type { FloatArray } from '../../tensor/index.ts';

/**
 * Depthwise convolution of sequences: y[b, t, c] ← Σⱼ x[b, t + j − ⌊k/2⌋, c]·w[j, c] + bias[c], with zeros
 * outside of a sequence.
 *
 * Output: y (B, T, C).
 * Inputs: x (B, T, C), weight (k, C) with k odd, bias (C) or null for zeros.
 */
export function depthwiseConv(
  y: FloatArray,
  x: FloatArray,
  weight: FloatArray,
  bias: FloatArray | null,
  B: number,
  T: number,
  C: number,
  k: number,
): void {
  const before = (k - 1) / 2;
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      for (let c = 0; c < C; c++) {
        let sum = bias === null ? 0 : bias[c]!;
        for (let j = Math.max(0, before - t); j < k && t + j - before < T; j++) {
          sum += x[(b * T + t + j - before) * C + c]! * weight[j * C + c]!;
        }
        y[(b * T + t) * C + c] = sum;
      }
    }
  }
}

/**
 * The gradient of `depthwiseConv`. forward: y[t] = Σⱼ x[t + j − ⌊k/2⌋]·w[j], so
 *
 *   dx[b, t, c] ← Σⱼ dy[b, t − j + ⌊k/2⌋, c]·w[j, c]
 *
 * which is the same sum, walked backwards.
 *
 * Output: dx (B, T, C).
 * Inputs: dy (B, T, C), weight (k, C).
 */
export function depthwiseConvGrad(
  dx: FloatArray,
  dy: FloatArray,
  weight: FloatArray,
  B: number,
  T: number,
  C: number,
  k: number,
): void {
  const after = (k - 1) / 2;
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      for (let c = 0; c < C; c++) {
        let sum = 0;
        for (let j = Math.max(0, t + after - T + 1); j < k && t - j + after >= 0; j++) {
          sum += dy[(b * T + t - j + after) * C + c]! * weight[j * C + c]!;
        }
        dx[(b * T + t) * C + c] = sum;
      }
    }
  }
}

/**
 * The gradient of the weight of `depthwiseConv`: dw[j, c] ← Σ over b and t of dy[b, t, c]·x[b, t + j − ⌊k/2⌋,
 * c].
 *
 * Output: dweight (k, C).
 * Inputs: dy, x (B, T, C).
 */
export function depthwiseConvWeightGrad(
  dweight: FloatArray,
  dy: FloatArray,
  x: FloatArray,
  B: number,
  T: number,
  C: number,
  k: number,
): void {
  const before = (k - 1) / 2;
  for (let j = 0; j < k; j++) {
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let b = 0; b < B; b++) {
        for (let t = Math.max(0, before - j); t < T && t + j - before < T; t++) {
          sum += dy[(b * T + t) * C + c]! * x[(b * T + t + j - before) * C + c]!;
        }
      }
      dweight[j * C + c] = sum;
    }
  }
}
