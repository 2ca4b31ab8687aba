/**
 * The activation maps, y ← f(x), four elements at a time; their formulas are those of src/ops. One export for
 * each: f(y, x, parameter, from, to). The last, incomplete four go through the same code, so a result does
 * not depend on where the range was split.
 */
import { atLeast, atMost, erf, exp, expm1Negative, gaussian, gaussianTail, log, log1p, sigmoid, tanh } from './math';
import { all, damped, loadPart, storePart } from './simd';

const enum Formula {
  abs, elu, erf, exp, gelu, geluSigmoid, geluTanh, hardswish, leakyRelu, log,
  mish, normalCdf, prelu, relu, sigmoid, silu, softplus, sqrt, square, squaredRelu, tanh,
} // biome-ignore format: two lines read better

/** √(8/π), the factor of 2u in the tanh form of GELU. */
@inline const TWICE_C: f32 = 1.5957691216057308;
@inline const GELU_A: f32 = 0.044715;

/**
 * x·Φ(x) = [x > 0]·x − |x|·(1 − Φ(|x|)), to 7 ulp: nothing cancels, so the negative tail keeps its digits. At
 * −∞ it is −∞·0, NaN.
 */
@inline
function gelu(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), all(15));
  const missing = f32x4.mul(f32x4.mul(t, gaussianTail(t)), gaussian(t));
  const passed = f32x4.mul(x, v128.and(all(1), f32x4.gt(x, all(0))));
  return f32x4.sub(passed, missing);
}

/** x·σ(2u) = ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³) */
@inline
function geluTanh(x: v128): v128 {
  const slope = f32x4.add(f32x4.mul(f32x4.mul(x, x), all(TWICE_C * GELU_A)), all(TWICE_C));
  return f32x4.mul(x, sigmoid(f32x4.mul(x, slope)));
}

/** 0 up to −3, x from 3, between them x(x + 3)/6 */
@inline
function hardswish(x: v128): v128 {
  const middle = f32x4.mul(f32x4.mul(x, f32x4.add(x, all(3))), all(1.0 / 6.0));
  return v128.andnot(v128.bitselect(x, middle, f32x4.ge(x, all(3))), f32x4.le(x, all(-3)));
}

/**
 * x·tanh(log(1 + eˣ)) = x·a/(a + b): a = 1 + 2e, b = 2e² for x ≥ 0; a = e² + 2e, b = 2 below; e = e^(−|x|)
 */
@inline
function mish(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const square = f32x4.mul(e, e);
  const below = f32x4.lt(x, all(0));
  const a = f32x4.add(f32x4.add(e, e), v128.bitselect(square, all(1), below));
  const b = v128.bitselect(all(2), f32x4.add(square, square), below);
  return damped(x, f32x4.div(a, f32x4.add(a, b)));
}

/** Φ(x) = h for x < 0, else 1 − h, with h = 1 − Φ(|x|) */
@inline
function normalCdf(x: v128): v128 {
  const t = atMost(f32x4.abs(x), 15);
  const h = f32x4.mul(gaussianTail(t), gaussian(t));
  return v128.bitselect(h, f32x4.sub(all(1), h), f32x4.lt(x, all(0)));
}

/** max(0, x)² */
@inline
function squaredRelu(x: v128): v128 {
  const r = f32x4.max(all(0), x);
  return f32x4.mul(r, r);
}

@inline
function softplus(x: v128): v128 {
  return f32x4.add(atLeast(x, 0), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

@inline
function elu(x: v128, alpha: v128): v128 {
  return v128.bitselect(x, f32x4.mul(alpha, expm1Negative(f32x4.pmin(x, all(0)))), f32x4.gt(x, all(0)));
}

/** f(x); `kind` is known when this is compiled. */
@inline
function value(kind: i32, x: v128, p: v128): v128 {
  if (kind == Formula.abs) return f32x4.abs(x);
  if (kind == Formula.elu) return elu(x, p);
  if (kind == Formula.erf) return erf(x);
  if (kind == Formula.exp) return exp(x);
  if (kind == Formula.gelu) return gelu(x);
  if (kind == Formula.geluSigmoid) return f32x4.mul(x, sigmoid(f32x4.mul(x, all(1.702))));
  if (kind == Formula.geluTanh) return geluTanh(x);
  if (kind == Formula.hardswish) return hardswish(x);
  if (kind == Formula.leakyRelu) return v128.bitselect(x, f32x4.mul(p, x), f32x4.gt(x, all(0)));
  if (kind == Formula.log) return log(x);
  if (kind == Formula.mish) return mish(x);
  if (kind == Formula.normalCdf) return normalCdf(x);
  if (kind == Formula.prelu) return f32x4.min(all(0), x);
  if (kind == Formula.relu) return f32x4.max(all(0), x);
  if (kind == Formula.sigmoid) return sigmoid(x);
  if (kind == Formula.silu) return damped(x, sigmoid(f32x4.mul(p, x)));
  if (kind == Formula.softplus) return softplus(x);
  if (kind == Formula.sqrt) return f32x4.sqrt(x);
  if (kind == Formula.square) return f32x4.mul(x, x);
  if (kind == Formula.squaredRelu) return squaredRelu(x);
  return tanh(x);
}

@inline
function map(kind: i32, y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const end = y + (<usize>to << 2);
  y += <usize>from << 2;
  x += <usize>from << 2;
  for (; y + 16 <= end; y += 16, x += 16) v128.store(y, value(kind, v128.load(x), p));
  const rest = <i32>(end - y) >> 2;
  if (rest > 0) storePart(y, value(kind, loadPart(x, rest, 0), p), rest);
}

export function absMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.abs, y, x, parameter, from, to);
}
export function eluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.elu, y, x, parameter, from, to);
}
export function erfMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.erf, y, x, parameter, from, to);
}
export function expMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.exp, y, x, parameter, from, to);
}
export function geluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.gelu, y, x, parameter, from, to);
}
export function geluSigmoidMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.geluSigmoid, y, x, parameter, from, to);
}
export function geluTanhMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.geluTanh, y, x, parameter, from, to);
}
export function hardswishMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.hardswish, y, x, parameter, from, to);
}
export function leakyReluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.leakyRelu, y, x, parameter, from, to);
}
export function logMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.log, y, x, parameter, from, to);
}
export function mishMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.mish, y, x, parameter, from, to);
}
export function normalCdfMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.normalCdf, y, x, parameter, from, to);
}
export function preluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.prelu, y, x, parameter, from, to);
}
export function reluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.relu, y, x, parameter, from, to);
}
export function sigmoidMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.sigmoid, y, x, parameter, from, to);
}
export function siluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.silu, y, x, parameter, from, to);
}
export function softplusMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.softplus, y, x, parameter, from, to);
}
export function sqrtMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.sqrt, y, x, parameter, from, to);
}
export function squareMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.square, y, x, parameter, from, to);
}
export function squaredReluMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.squaredRelu, y, x, parameter, from, to);
}
export function tanhMap(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  map(Formula.tanh, y, x, parameter, from, to);
}
