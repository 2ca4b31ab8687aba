/**
 * Elementary functions of four float32 at a time, for every float: ±0, denormals, ±∞ and NaN included. No
 * branches: what differs by interval is computed both ways and selected. The errors that the functions name
 * are the largest over all floats, in either build; a test holds them to it.
 *
 * Polynomials are minimax fits of their own (Lawson's weights, coefficients rounded one after the other).
 */
import { all, madd } from './simd';

/** Added to a number of moderate size, it leaves the nearest integer in the lowest bits of the sum. */
@inline const ROUNDER: f32 = 12582912; // 1.5·2²³
@inline const LOG2E: f32 = 1.4426950408889634;
/** ln 2 in two parts; the upper one has 9 bits, so that its product with an exponent is exact. */
@inline const LN2_HIGH: f32 = 0.693359375;
@inline const LN2_LOW: f32 = -2.1219444005469057e-4;

/** max(x, low), and min(x, high); NaN stays NaN. */
@inline
export function atLeast(x: v128, low: f32): v128 {
  return f32x4.pmax(x, all(low));
}
@inline
export function atMost(x: v128, high: f32): v128 {
  return f32x4.pmin(x, all(high));
}

/** |x| with the sign of `from`, for x ≥ 0 */
@inline
export function withSign(x: v128, from: v128): v128 {
  return v128.or(x, v128.and(from, i32x4.splat(0x80000000)));
}

/** 2ᵏ for integers k = −126 … 127 */
@inline
function powerOf2(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/** eʳ − 1 for |r| ≤ ½ ln 2: r + r²·q(r) */
@inline
function expm1Near0(r: v128): v128 {
  let q = madd(r, all(0.0013868435), all(0.008366432));
  q = madd(r, q, all(0.04166746));
  q = madd(r, q, all(0.16666545));
  q = madd(r, q, all(0.49999997));
  return madd(f32x4.mul(r, r), q, r);
}

/**
 * e^(x + tail), where |tail| is tiny and x within −104 … 89. With k = round(x/ln 2) and r = x − k·ln 2 it is
 * 2ᵏ·eʳ; the power of two comes in two factors, so that results may be denormal.
 */
@inline
function expSum(x: v128, tail: v128): v128 {
  const rounded = madd(x, all(LOG2E), all(ROUNDER));
  const n = f32x4.sub(rounded, all(ROUNDER));
  let r = madd(n, all(-LN2_HIGH), x);
  r = f32x4.add(madd(n, all(-LN2_LOW), r), tail);
  const k = i32x4.sub(rounded, i32x4.splat(0x4b400000)); // the bits of ROUNDER
  const half = i32x4.shr_s(k, 1);
  const p = f32x4.add(expm1Near0(r), all(1));
  return f32x4.mul(f32x4.mul(p, powerOf2(half)), powerOf2(i32x4.sub(k, half)));
}

/** eˣ, to 1.1 ulp. */
@inline
export function exp(x: v128): v128 {
  return expSum(atLeast(atMost(x, 89), -104), all(0));
}

/**
 * e^(factor·x²) for a factor of −½ or −1: x² = h² + (x − h)(x + h), where h is x cut to 12 bits and h² exact.
 */
@inline
export function expOfSquare(x: v128, factor: f32): v128 {
  const h = v128.and(x, i32x4.splat(0xfffff000));
  const rest = f32x4.mul(f32x4.sub(x, h), f32x4.add(x, h));
  return expSum(f32x4.mul(f32x4.mul(h, h), all(factor)), f32x4.mul(rest, all(factor)));
}

/** eˣ − 1 for x ≤ 0, to 1.2 ulp: 2ᵏ·(eʳ − 1) + (2ᵏ − 1) keeps the digits near 0. */
@inline
export function expm1Negative(x: v128): v128 {
  x = atLeast(x, -40);
  const rounded = madd(x, all(LOG2E), all(ROUNDER));
  const n = f32x4.sub(rounded, all(ROUNDER));
  const r = madd(n, all(-LN2_LOW), madd(n, all(-LN2_HIGH), x));
  const power = powerOf2(i32x4.sub(rounded, i32x4.splat(0x4b400000)));
  return madd(power, expm1Near0(r), f32x4.sub(power, all(1)));
}

/** tanh x = sign x·(1 − u)/(1 + u) with u = e^(−2|x|), to 2.6 ulp. */
@inline
export function tanh(x: v128): v128 {
  const m = expm1Negative(f32x4.mul(f32x4.abs(x), all(-2)));
  return withSign(f32x4.abs(f32x4.div(m, f32x4.add(m, all(2)))), x);
}

/** 1/(1 + e⁻ˣ), to 2.5 ulp: with e^(−|x|), which cannot overflow and leaves small results their digits. */
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(e, all(1), f32x4.lt(x, all(0))), f32x4.add(e, all(1)));
}

/** σ(x)(1 − σ(x)) = e/(1 + e)² with e = e^(−|x|) */
@inline
export function sigmoidSlope(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const r = f32x4.div(all(1), f32x4.add(e, all(1)));
  return f32x4.mul(f32x4.mul(e, r), r);
}

/**
 * log x, to 1 ulp. With x = 2ᵉ·(1 + f), √½ ≤ 1 + f < √2: e·ln 2 + f − ½f² + f³·q(f). Denormals are scaled by
 * 2²³ first.
 */
@inline
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, all(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, all(8388608)), x, tiny);
  const k = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23); // the bits of √½
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(k, 23)), all(1));
  const e = f32x4.sub(f32x4.convert_i32x4_s(k), v128.and(tiny, all(23)));
  let q = madd(f, all(-0.07636428), all(0.12762213));
  q = madd(f, q, all(-0.1315961));
  q = madd(f, q, all(0.1420158));
  q = madd(f, q, all(-0.16623409));
  q = madd(f, q, all(0.20001242));
  q = madd(f, q, all(-0.2500082));
  q = madd(f, q, all(0.3333333));
  const square = f32x4.mul(f, f);
  let y = madd(e, all(LN2_LOW), f32x4.mul(f32x4.mul(f, square), q));
  y = f32x4.add(f, madd(square, all(-0.5), y));
  y = madd(e, all(LN2_HIGH), y);
  // +∞ and NaN are their own logarithm, 0 has −∞, negative numbers have none.
  const atZero = v128.bitselect(all(-Infinity), x, f32x4.eq(x, all(0)));
  const outside = v128.bitselect(all(NaN), atZero, f32x4.lt(x, all(0)));
  return v128.bitselect(y, outside, v128.and(f32x4.gt(x, all(0)), f32x4.lt(x, all(Infinity))));
}

/** log(1 + x) for 0 ≤ x ≤ 1: what rounding took from s = 1 + x comes back divided by s. */
@inline
export function log1p(x: v128): v128 {
  const s = f32x4.add(x, all(1));
  const lost = f32x4.sub(x, f32x4.sub(s, all(1)));
  return f32x4.add(log(s), f32x4.div(lost, s));
}

/** e^(−t²/2), for t ≥ 0. */
@inline
export function gaussian(t: v128): v128 {
  return expOfSquare(atMost(t, 15), -0.5);
}

/**
 * (1 − Φ(t))/e^(−t²/2) for 0 ≤ t ≤ 15, Φ the normal distribution: falls gently from ½ like 0.4/t. The
 * quotient of two polynomials with positive coefficients loses no digits.
 */
@inline
export function gaussianTail(t: v128): v128 {
  let p = madd(t, all(0.0041532204), all(0.04088106));
  p = madd(t, p, all(0.18396893));
  p = madd(t, p, all(0.43928313));
  p = madd(t, p, all(0.5));
  let q = madd(t, all(0.010410469), all(0.10247973));
  q = madd(t, q, all(0.47140813));
  q = madd(t, q, all(1.2055473));
  q = madd(t, q, all(1.6764513));
  q = madd(t, q, all(1));
  return f32x4.div(p, q);
}

/** erf x, to 1.4 ulp: x + x·P(x²) up to 0.9375; beyond, 1 − e^(−x²)·2·tail(√2·|x|). */
@inline
export function erf(x: v128): v128 {
  const a = atMost(f32x4.abs(x), 10);
  const tail = f32x4.mul(gaussianTail(f32x4.mul(a, all(1.4142135))), all(2));
  const far = f32x4.sub(all(1), f32x4.mul(expOfSquare(a, -1), tail));
  const z = f32x4.mul(a, a);
  let p = madd(z, all(-0.0005809834), all(0.004955617));
  p = madd(z, p, all(-0.026739394));
  p = madd(z, p, all(0.112810135));
  p = madd(z, p, all(-0.3761241));
  p = madd(z, p, all(0.12837914));
  return withSign(v128.bitselect(madd(a, p, a), far, f32x4.lt(a, all(0.9375))), x);
}
