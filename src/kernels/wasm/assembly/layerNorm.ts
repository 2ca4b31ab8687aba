/**
 * Layer norm of rows, y = (x − μ)·r ⊙ gain + bias with r = 1/√(σ² + eps), and its gradient. `gain` and `bias`
 * are 0 where there are none. Four columns at a time; sums over a row run in float64.
 */
import { madd } from './simd';
import {
  addEach, addPairs, addSquares, addToSums, demote, loadFirst, storeFirst, sumLanes64,
} from './vectors';

export function layerNorm(
  y: usize, mean: usize, rstd: usize, x: usize, gain: usize, bias: usize,
  cols: i32, eps: f64, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const source = x + (<usize>row * cols << 2);
    const target = y + (<usize>row * cols << 2);
    let total = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) total = addEach(total, loadFirst(source + (i << 2), cols - i, 0));
    const mu = sumLanes64(total) / <f64>cols;
    // μ as the sum of two float32: x − high is exact where it matters, so a large offset costs no digits
    const high = <f32>mu;
    const low = <f32>(isFinite(mu) ? mu - <f64>high : 0);
    const h = f32x4.splat(high);
    const l = f32x4.splat(low);
    total = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const d = f32x4.sub(f32x4.sub(loadFirst(source + (i << 2), cols - i, high), h), l);
      total = addSquares(total, d);
    }
    // the padding of the last four is (0 − low)²
    const padding = -cols & 3;
    const squares = sumLanes64(total) - <f64>padding * <f64>low * <f64>low;
    const r = <f32>(1 / sqrt(squares / <f64>cols + eps));
    const factor = f32x4.splat(r);
    for (let i = 0; i < cols; i += 4) {
      const n = cols - i;
      const d = f32x4.sub(f32x4.sub(loadFirst(source + (i << 2), n, 0), h), l);
      let value = f32x4.mul(d, factor);
      if (gain != 0) value = f32x4.mul(value, loadFirst(gain + (i << 2), n, 0));
      if (bias != 0) value = f32x4.add(value, loadFirst(bias + (i << 2), n, 0));
      storeFirst(target + (i << 2), value, n);
    }
    store<f32>(mean + (<usize>row << 2), high);
    store<f32>(rstd + (<usize>row << 2), r);
  }
}

/** With x̂ = (x − μ)·r and g = dy ⊙ gain, each row: dx ← r·(g − mean(g) − x̂·mean(g ⊙ x̂)) */
export function layerNormGrad(
  dx: usize, dy: usize, x: usize, mean: usize, rstd: usize, gain: usize,
  cols: i32, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const start = <usize>row * cols << 2;
    const mu = load<f32>(mean + (<usize>row << 2));
    const m = f32x4.splat(mu);
    const r = f32x4.splat(load<f32>(rstd + (<usize>row << 2)));
    let sumG = f64x2.splat(0);
    let sumGX = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      let g = loadFirst(dy + at, cols - i, 0);
      if (gain != 0) g = f32x4.mul(g, loadFirst(gain + (i << 2), cols - i, 0));
      sumG = addPairs(sumG, g);
      sumGX = addPairs(sumGX, f32x4.mul(g, f32x4.mul(f32x4.sub(loadFirst(x + at, cols - i, mu), m), r)));
    }
    const meanG = f32x4.splat(<f32>(sumLanes64(sumG) / <f64>cols));
    const meanGX = f32x4.splat(<f32>(sumLanes64(sumGX) / <f64>cols));
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      let g = loadFirst(dy + at, cols - i, 0);
      if (gain != 0) g = f32x4.mul(g, loadFirst(gain + (i << 2), cols - i, 0));
      const normalized = f32x4.mul(f32x4.sub(loadFirst(x + at, cols - i, mu), m), r);
      const d = f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(normalized, meanGX));
      storeFirst(dx + at, f32x4.mul(r, d), cols - i);
    }
  }
}

/** Rows whose contributions meet in float32 before they join the float64 sums. */
const BLOCK: i32 = 16;

/**
 * dgain ← Σ dy ⊙ x̂ and dbias ← Σ dy over all rows, either of them 0 if not wanted, for columns from … to −
 * 1: split by columns, so that the order of the sums is the same for any number of threads. `sums` has room
 * for two float64 numbers for each column, up to a multiple of 4.
 */
export function layerNormGradParameters(
  dgain: usize, dbias: usize, sums: usize, dy: usize, x: usize, mean: usize, rstd: usize,
  rows: i32, cols: i32, from: i32, to: i32,
): void {
  const stride = <usize>cols << 2;
  for (let j = from; j < to; j += 4) memory.fill(sums + (<usize>j << 4), 0, 64);
  for (let block = 0; block < rows; block += BLOCK) {
    const end = min(block + BLOCK, rows);
    for (let j = from; j < to; j += 4) {
      let at = <usize>block * stride + (<usize>j << 2);
      let gainSum = f32x4.splat(0);
      let biasSum = f32x4.splat(0);
      for (let row = block; row < end; row++, at += stride) {
        const d = loadFirst(dy + at, cols - j, 0);
        const offset = f32x4.sub(loadFirst(x + at, cols - j, 0), v128.load32_splat(mean + (<usize>row << 2)));
        gainSum = madd(d, f32x4.mul(offset, v128.load32_splat(rstd + (<usize>row << 2))), gainSum);
        biasSum = f32x4.add(biasSum, d);
      }
      addToSums(sums + (<usize>j << 4), gainSum);
      addToSums(sums + (<usize>j << 4) + 32, biasSum);
    }
  }
  for (let j = from; j < to; j += 4) {
    const at = sums + (<usize>j << 4);
    if (dgain != 0) storeFirst(dgain + (<usize>j << 2), demote(v128.load(at), v128.load(at, 16)), cols - j);
    const bias = demote(v128.load(at, 32), v128.load(at, 48));
    if (dbias != 0) storeFirst(dbias + (<usize>j << 2), bias, cols - j);
  }
}
