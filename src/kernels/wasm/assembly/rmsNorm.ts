/**
 * Root mean square norm of rows, y = x·r ⊙ gain with r = 1/√(mean(x²) + eps), and its gradient. `gain` is 0
 * where there is none. Four columns at a time; sums over a row run in float64.
 */
import { madd } from './simd';
import { addPairs, addSquares, addToSums, demote, loadFirst, storeFirst, sumLanes64 } from './vectors';

export function rmsNorm(
  y: usize, rstd: usize, x: usize, gain: usize, cols: i32, eps: f64, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const source = x + (<usize>row * cols << 2);
    const target = y + (<usize>row * cols << 2);
    // squares in float64, where those of float32 cannot overflow
    let total = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) total = addSquares(total, loadFirst(source + (i << 2), cols - i, 0));
    const r = <f32>(1 / sqrt(sumLanes64(total) / <f64>cols + eps));
    const factor = f32x4.splat(r);
    for (let i = 0; i < cols; i += 4) {
      let value = f32x4.mul(loadFirst(source + (i << 2), cols - i, 0), factor);
      if (gain != 0) value = f32x4.mul(value, loadFirst(gain + (i << 2), cols - i, 0));
      storeFirst(target + (i << 2), value, cols - i);
    }
    store<f32>(rstd + (<usize>row << 2), r);
  }
}

/** With x̂ = x·r and g = dy ⊙ gain, each row: dx ← r·(g − x̂·mean(g ⊙ x̂)) */
export function rmsNormGrad(
  dx: usize, dy: usize, x: usize, rstd: usize, gain: usize, cols: i32, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const start = <usize>row * cols << 2;
    const r = v128.load32_splat(rstd + (<usize>row << 2));
    let sumGX = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      let g = loadFirst(dy + at, cols - i, 0);
      if (gain != 0) g = f32x4.mul(g, loadFirst(gain + (i << 2), cols - i, 0));
      sumGX = addPairs(sumGX, f32x4.mul(g, f32x4.mul(loadFirst(x + at, cols - i, 0), r)));
    }
    const meanGX = f32x4.splat(<f32>(sumLanes64(sumGX) / <f64>cols));
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      let g = loadFirst(dy + at, cols - i, 0);
      if (gain != 0) g = f32x4.mul(g, loadFirst(gain + (i << 2), cols - i, 0));
      const normalized = f32x4.mul(loadFirst(x + at, cols - i, 0), r);
      storeFirst(dx + at, f32x4.mul(r, f32x4.sub(g, f32x4.mul(normalized, meanGX))), cols - i);
    }
  }
}

/** Rows whose contributions meet in float32 before they join the float64 sums. */
const BLOCK: i32 = 16;

/**
 * dgain ← Σ dy ⊙ x̂ over all rows, for columns from … to − 1: split by columns, so that the order of the sums
 * is the same for any number of threads. `sums` has room for a float64 number for each column, up to a
 * multiple of 4.
 */
export function rmsNormGradGain(
  dgain: usize, sums: usize, dy: usize, x: usize, rstd: usize, rows: i32, cols: i32, from: i32, to: i32,
): void {
  const stride = <usize>cols << 2;
  for (let j = from; j < to; j += 4) memory.fill(sums + (<usize>j << 3), 0, 32);
  for (let block = 0; block < rows; block += BLOCK) {
    const end = min(block + BLOCK, rows);
    for (let j = from; j < to; j += 4) {
      let at = <usize>block * stride + (<usize>j << 2);
      let sum = f32x4.splat(0);
      for (let row = block; row < end; row++, at += stride) {
        const r = v128.load32_splat(rstd + (<usize>row << 2));
        const normalized = f32x4.mul(loadFirst(x + at, cols - j, 0), r);
        sum = madd(loadFirst(dy + at, cols - j, 0), normalized, sum);
      }
      addToSums(sums + (<usize>j << 3), sum);
    }
  }
  for (let j = from; j < to; j += 4) {
    const at = sums + (<usize>j << 3);
    storeFirst(dgain + (<usize>j << 2), demote(v128.load(at), v128.load(at, 16)), cols - j);
  }
}
