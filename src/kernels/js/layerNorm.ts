import type { FloatArray } from '../../tensor/index.ts';

export function layerNorm(
  y: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  x: FloatArray,
  gain: FloatArray | null,
  bias: FloatArray | null,
  rows: number,
  cols: number,
  eps: number,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    let total = 0;
    for (let i = 0; i < cols; i++) total += x[start + i]!;
    const mu = total / cols;
    let squares = 0;
    for (let i = 0; i < cols; i++) squares += (x[start + i]! - mu) ** 2;
    const r = 1 / Math.sqrt(squares / cols + eps);
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      y[start + i] = normalized * (gain === null ? 1 : gain[i]!) + (bias === null ? 0 : bias[i]!);
    }
    mean[row] = mu;
    rstd[row] = r;
  }
}

/**
 * With x̂ = (x − μ)·r and g = dy ⊙ gain, each row has dx = r·(g − mean(g) − x̂·mean(g ⊙ x̂)): the two means are what
 * flows back through μ and through r. dgain = Σ dy ⊙ x̂ and dbias = Σ dy over the rows.
 */
export function layerNormGrad(
  dx: FloatArray,
  dgain: FloatArray | null,
  dbias: FloatArray | null,
  dy: FloatArray,
  x: FloatArray,
  mean: FloatArray,
  rstd: FloatArray,
  gain: FloatArray | null,
  rows: number,
  cols: number,
): void {
  const gainSums = new Float64Array(cols);
  const biasSums = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const start = row * cols;
    const mu = mean[row]!;
    const r = rstd[row]!;
    let meanG = 0;
    let meanGX = 0;
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      const d = dy[start + i]!;
      gainSums[i]! += d * normalized;
      biasSums[i]! += d;
      const g = d * (gain === null ? 1 : gain[i]!);
      meanG += g;
      meanGX += g * normalized;
    }
    meanG /= cols;
    meanGX /= cols;
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      const g = dy[start + i]! * (gain === null ? 1 : gain[i]!);
      dx[start + i] = r * (g - meanG - normalized * meanGX);
    }
  }
  dgain?.set(gainSums);
  dbias?.set(biasSums);
}
