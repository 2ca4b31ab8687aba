/**
 * Sums, in float64 and rounded once. Each is made by one thread, in an order that depends on the sizes alone.
 */
import { demote, loadFirst, promoteHigh, storeFirst, sumLanes64 } from './vectors';

/** out[row] ← Σ x[row, :] */
export function sumRows(out: usize, x: usize, cols: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    const start = x + (<usize>row * cols << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let i = 0; i < cols; i += 4) {
      const value = loadFirst(start + (<usize>i << 2), cols - i, 0);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, promoteHigh(value));
    }
    store<f32>(out + (<usize>row << 2), <f32>sumLanes64(f64x2.add(low, high)));
  }
}

/**
 * out[o, i] ← Σₐ x[o, a, i] for x of shape (outer, length, inner). The unit of work is four neighbouring
 * columns of one o: unit = o·⌈inner/4⌉ + group.
 */
export function sumColumns(out: usize, x: usize, length: i32, inner: i32, from: i32, to: i32): void {
  const groups = (inner + 3) >> 2;
  const stride = <usize>inner << 2;
  for (let unit = from; unit < to; unit++) {
    const o = unit / groups;
    const column = (unit - o * groups) << 2;
    const n = inner - column;
    let at = x + <usize>o * length * stride + (<usize>column << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let a = 0; a < length; a++, at += stride) {
      const value = loadFirst(at, n, 0);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, promoteHigh(value));
    }
    storeFirst(out + <usize>o * stride + (<usize>column << 2), demote(low, high), n);
  }
}

/**
 * partial[i] ← Σ x² over the numbers of piece i, in float64. A piece is the address of its first number, and
 * how many there are.
 */
export function sumSquares(partial: usize, pieces: usize, from: i32, to: i32): void {
  for (let piece = from; piece < to; piece++) {
    let at = <usize>load<u32>(pieces + (<usize>piece << 3));
    const n = load<i32>(pieces + (<usize>piece << 3), 4);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let i = 0; i < n; i += 4, at += 16) {
      const value = loadFirst(at, n - i, 0);
      const first = f64x2.promote_low_f32x4(value);
      const last = promoteHigh(value);
      low = f64x2.add(low, f64x2.mul(first, first));
      high = f64x2.add(high, f64x2.mul(last, last));
    }
    store<f64>(partial + (<usize>piece << 3), sumLanes64(f64x2.add(low, high)));
  }
}
