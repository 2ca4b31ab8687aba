import type { FloatArray } from '../../tensor/index.ts';

/**
 * Root mean square normalization: each row gets mean square 1, then a gain for each column.
 *
 *   y = x̂ ⊙ gain,  x̂ = x·r,  r = 1/√(mean(x²) + eps)
 *
 * Outputs: y (rows, cols); rstd = r (rows), which backward needs.
 * Inputs: x (rows, cols); gain (cols), or null for 1.
 */
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
    // pass 1: the mean square
    let squares = 0;
    for (let i = 0; i < cols; i++) squares += x[start + i]! ** 2;
    const r = 1 / Math.sqrt(squares / cols + eps);
    // pass 2: normalize and scale
    for (let i = 0; i < cols; i++) y[start + i] = x[start + i]! * r * (gain === null ? 1 : gain[i]!);
    rstd[row] = r;
  }
}

/**
 * The gradient of RMS normalization. With x̂ = x·r and g = dy ⊙ gain, each row has
 *
 *   dx = r·(g − x̂·mean(g ⊙ x̂))        dgain = Σ dy ⊙ x̂ over the rows
 *
 * The mean is what flows back through r: layer norm's derivation in docs/derivations.md, without μ.
 * Outputs: dx (rows, cols); dgain (cols), null when it is not wanted.
 * Inputs: dy and x (rows, cols), rstd (rows), gain (cols) or null.
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
    // pass 1: the mean of g ⊙ x̂ over the row. forward: y = x̂ ⊙ gain
    let meanGX = 0;
    for (let i = 0; i < cols; i++) {
      const normalized = x[start + i]! * r;
      const d = dy[start + i]!;
      gainSums[i]! += d * normalized; // dgain = Σ dy ⊙ x̂
      meanGX += d * (gain === null ? 1 : gain[i]!) * normalized;
    }
    meanGX /= cols;
    // pass 2: dx. forward: x̂ = x·r, where r depends on x too
    for (let i = 0; i < cols; i++) {
      const g = dy[start + i]! * (gain === null ? 1 : gain[i]!);
      dx[start + i] = r * (g - x[start + i]! * r * meanGX);
    }
  }
  dgain?.set(gainSums);
}
