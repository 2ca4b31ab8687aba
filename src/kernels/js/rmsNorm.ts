import type { FloatArray } from '../../tensor/index.ts';

export function rmsNorm(
  y: FloatArray,
  rstd: FloatArray,
  x: FloatArray,
  gain: FloatArray | null,
  rows: number,
  cols: number,
  eps: number,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    let squares = 0;
    for (let i = 0; i < cols; i++) squares += x[start + i]! ** 2;
    const r = 1 / Math.sqrt(squares / cols + eps);
    for (let i = 0; i < cols; i++) y[start + i] = x[start + i]! * r * (gain === null ? 1 : gain[i]!);
    rstd[row] = r;
  }
}

/**
 * With x̂ = x·r and g = dy ⊙ gain, each row has dx = r·(g − x̂·mean(g ⊙ x̂)): the mean is what flows back through r.
 * dgain = Σ dy ⊙ x̂ over the rows.
 */
export function rmsNormGrad(
  dx: FloatArray,
  dgain: FloatArray | null,
  dy: FloatArray,
  x: FloatArray,
  rstd: FloatArray,
  gain: FloatArray | null,
  rows: number,
  cols: number,
): void {
  const gainSums = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const r = rstd[row]!;
    let meanGX = 0;
    for (let i = 0; i < cols; i++) {
      const normalized = x[start + i]! * r;
      const d = dy[start + i]!;
      gainSums[i]! += d * normalized;
      meanGX += d * (gain === null ? 1 : gain[i]!) * normalized;
    }
    meanGX /= cols;
    for (let i = 0; i < cols; i++) {
      const g = dy[start + i]! * (gain === null ? 1 : gain[i]!);
      dx[start + i] = r * (g - x[start + i]! * r * meanGX);
    }
  }
  dgain?.set(gainSums);
}
