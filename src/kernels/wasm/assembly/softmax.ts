/**
 * Softmax and log-sum-exp of rows, four columns at a time; a short end of a row is padded, so every element
 * goes through the same instructions. Sums of exponentials run in float64.
 */
import { exp } from './math';
import { maxLanes } from './simd';
import { addPairs, loadFirst, log, storeFirst, sumLanes64 } from './vectors';

/** max x, or NaN if there is one: the cheap maximum ignores NaN, so it is looked for beside it. */
export function rowMax(x: usize, cols: i32): f32 {
  let most = f32x4.splat(-Infinity);
  let nan = f32x4.splat(0);
  for (let i = 0; i < cols; i += 4, x += 16) {
    const value = loadFirst(x, cols - i, -Infinity);
    most = f32x4.pmax(most, value);
    nan = v128.or(nan, f32x4.ne(value, value));
  }
  return v128.any_true(nan) ? NaN : maxLanes(most);
}

/** Σ exp(x − most) */
export function rowSumExp(x: usize, cols: i32, most: f32): f64 {
  const shift = f32x4.splat(most);
  let total = f64x2.splat(0);
  for (let i = 0; i < cols; i += 4, x += 16) {
    total = addPairs(total, exp(f32x4.sub(loadFirst(x, cols - i, -Infinity), shift)));
  }
  return sumLanes64(total);
}

/** log Σ exp x; an infinite maximum is the answer itself. */
export function rowLogSumExp(x: usize, cols: i32): f64 {
  const most = rowMax(x, cols);
  return abs(most) == Infinity ? most : <f64>most + log(rowSumExp(x, cols, most));
}

/** y ← exp(x − max x) / Σ exp(x − max x) */
export function softmax(y: usize, x: usize, cols: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    const source = x + (<usize>row * cols << 2);
    const target = y + (<usize>row * cols << 2);
    const shift = f32x4.splat(rowMax(source, cols));
    let total = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const e = exp(f32x4.sub(loadFirst(source + (i << 2), cols - i, -Infinity), shift));
      total = addPairs(total, e);
      storeFirst(target + (i << 2), e, cols - i);
    }
    const factor = f32x4.splat(<f32>(1 / sumLanes64(total)));
    for (let i = 0; i < cols; i += 4) {
      const at = target + (i << 2);
      storeFirst(at, f32x4.mul(loadFirst(at, cols - i, 0), factor), cols - i);
    }
  }
}

/** dx ← y ⊙ (dy − Σ dy⊙y) */
export function softmaxGrad(dx: usize, dy: usize, y: usize, cols: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    const start = <usize>row * cols << 2;
    let total = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      total = addPairs(total, f32x4.mul(loadFirst(dy + at, cols - i, 0), loadFirst(y + at, cols - i, 0)));
    }
    const dot = f32x4.splat(<f32>sumLanes64(total));
    for (let i = 0; i < cols; i += 4) {
      const at = start + (i << 2);
      const d = f32x4.sub(loadFirst(dy + at, cols - i, 0), dot);
      storeFirst(dx + at, f32x4.mul(loadFirst(y + at, cols - i, 0), d), cols - i);
    }
  }
}

export function logSumExp(out: usize, x: usize, cols: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    store<f32>(out + (<usize>row << 2), <f32>rowLogSumExp(x + (<usize>row * cols << 2), cols));
  }
}
