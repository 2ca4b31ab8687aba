import type { FloatArray } from '../../tensor/index.ts';

/**
 * Layer normalization: each row gets mean 0 and variance 1, then a gain and a bias for each column.
 *
 *   y = x̂ ⊙ gain + bias,  x̂ = (x − μ)·r,  r = 1/√(σ² + eps)
 *
 * Outputs: y (rows, cols); mean = μ and rstd = r (rows), which backward needs.
 * Inputs: x (rows, cols); gain and bias (cols), or null for 1 and 0.
 */
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
    // pass 1: the mean
    let total = 0;
    for (let i = 0; i < cols; i++) total += x[start + i]!;
    const mu = total / cols;
    // pass 2: the variance, around the mean: mean(x²) − μ² would lose digits where μ is large
    let squares = 0;
    for (let i = 0; i < cols; i++) squares += (x[start + i]! - mu) ** 2;
    const r = 1 / Math.sqrt(squares / cols + eps);
    // pass 3: normalize, scale and shift
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      y[start + i] = normalized * (gain === null ? 1 : gain[i]!) + (bias === null ? 0 : bias[i]!);
    }
    mean[row] = mu;
    rstd[row] = r;
  }
}

/**
 * The gradient of layer normalization. With x̂ = (x − μ)·r and g = dy ⊙ gain, each row has
 *
 *   dx = r·(g − mean(g) − x̂·mean(g ⊙ x̂))        dgain = Σ dy ⊙ x̂,  dbias = Σ dy over the rows
 *
 * The two means are what flows back through μ and through r: see docs/derivations.md.
 * Outputs: dx (rows, cols); dgain and dbias (cols), null when they are not wanted.
 * Inputs: dy, x (rows, cols); mean and rstd (rows), gain (cols) or null.
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
    // pass 1: the two means of the row. forward: y = x̂ ⊙ gain + bias
    let meanG = 0;
    let meanGX = 0;
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      const d = dy[start + i]!;
      gainSums[i]! += d * normalized; // dgain = Σ dy ⊙ x̂
      biasSums[i]! += d; // dbias = Σ dy
      const g = d * (gain === null ? 1 : gain[i]!); // dx̂
      meanG += g;
      meanGX += g * normalized;
    }
    meanG /= cols;
    meanGX /= cols;
    // pass 2: dx. forward: x̂ = (x − μ)·r, where μ and r depend on x too
    for (let i = 0; i < cols; i++) {
      const normalized = (x[start + i]! - mu) * r;
      const g = dy[start + i]! * (gain === null ? 1 : gain[i]!);
      dx[start + i] = r * (g - meanG - normalized * meanGX);
    }
  }
  dgain?.set(gainSums);
  dbias?.set(biasSums);
}
