/** Rows whose end is shorter than a vector, and sums in float64. */
import { loadPart, storePart } from './simd';

/** The n ≥ 1 numbers at `from`, at most four; the lanes after them are `rest`. Reads nothing behind them. */
// @ts-ignore: decorator
@inline
export function loadFirst(from: usize, n: i32, rest: f32): v128 {
  return n >= 4 ? v128.load(from) : loadPart(from, n, rest);
}

/** Stores the first n ≥ 1 lanes, at most four. */
// @ts-ignore: decorator
@inline
export function storeFirst(to: usize, x: v128, n: i32): void {
  if (n >= 4) v128.store(to, x);
  else storePart(to, x, n);
}

/** total + x, as two float64 sums: lanes 0 and 2 meet in float32 first, so nothing accumulates in float32. */
// @ts-ignore: decorator
@inline
export function addPairs(total: v128, x: v128): v128 {
  return f64x2.add(total, f64x2.promote_low_f32x4(f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 2, 3))));
}

/** The upper two lanes in float64. */
// @ts-ignore: decorator
@inline
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** Two pairs of float64 as four float32. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

// @ts-ignore: decorator
@inline
export function sumLanes64(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** ln x for x > 0 in float64: x = 2ᵉ·m with m around 1, and ln m = 2·artanh((m − 1)/(m + 1)) as a series. 1 ulp or so. */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x) - 0x3fe6a09e667f3bcd;
  const e = bits >> 52;
  const m = reinterpret<f64>((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 1.0 / 21;
  for (let i = 19; i > 0; i -= 2) series = series * z + 1.0 / <f64>i;
  return <f64>e * 0.6931471805599453 + 2 * s * series;
}
