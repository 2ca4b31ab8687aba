/** Rows whose end is shorter than a vector, and sums in float64. */
import { loadPart, storePart } from './simd';

/** The n ≥ 1 numbers at `from`, at most four; the lanes after them are `rest`. Reads nothing behind them. */
@inline
export function loadFirst(from: usize, n: i32, rest: f32): v128 {
  return n >= 4 ? v128.load(from) : loadPart(from, n, rest);
}

/** Stores the first n ≥ 1 lanes, at most four. */
@inline
export function storeFirst(to: usize, x: v128, n: i32): void {
  if (n >= 4) v128.store(to, x);
  else storePart(to, x, n);
}

/** total + x, as two float64 sums: lanes 0 and 2 meet in float32 first, so nothing accumulates in float32. */
@inline
export function addPairs(total: v128, x: v128): v128 {
  return f64x2.add(total, f64x2.promote_low_f32x4(f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 2, 3))));
}

/**
 * total + x, as two float64 sums of numbers that each were converted first: for those that cancel, or might
 * overflow.
 */
@inline
export function addEach(total: v128, x: v128): v128 {
  return f64x2.add(total, f64x2.add(f64x2.promote_low_f32x4(x), promoteHigh(x)));
}

/** total + x², likewise */
@inline
export function addSquares(total: v128, x: v128): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = promoteHigh(x);
  return f64x2.add(total, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
}

/** The upper two lanes in float64. */
@inline
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** Two pairs of float64 as four float32. */
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Four float64 sums in memory += x */
@inline
export function addToSums(sums: usize, x: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), promoteHigh(x)), 16);
}

@inline
export function sumLanes64(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/**
 * ln x for x > 0, to 11 digits: more than float32 keeps of it. x = 2ᵉ·m with √½ ≤ m < √2, and ln m = 2·artanh
 * s with s = (m − 1)/(m + 1) as the series s + s³/3 + s⁵/5 + …
 */
@inline
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x) - 0x3fe6a09e667f3bcd; // the bits of √½
  const e = bits >> 52;
  const m = reinterpret<f64>((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series: f64 = 1.0 / 13.0;
  series = series * z + 1.0 / 11.0;
  series = series * z + 1.0 / 9.0;
  series = series * z + 1.0 / 7.0;
  series = series * z + 1.0 / 5.0;
  series = series * z + 1.0 / 3.0;
  return <f64>e * 0.6931471805599453 + 2 * (s + s * z * series);
}
