/**
 * The gradients of the activation maps, dx ← dy·f′, in the form of ./maps: fGrad(dx, dy, x, y, parameter,
 * from, to).
 */
import { atLeast, atMost, exp, expOfSquare, gaussian, gaussianTail, sigmoid, withSign } from './math';
import { all, damped, loadPart, madd, storePart } from './simd';

const enum Formula {
  abs, elu, erf, exp, gelu, geluSigmoid, geluTanh, hardswish, leakyRelu, log,
  mish, normalCdf, prelu, relu, sigmoid, silu, softplus, sqrt, square, squaredRelu, tanh,
} // biome-ignore format: two lines read better

/** √(8/π), the factor of 2u in the tanh form of GELU. */
@inline const TWICE_C: f32 = 1.5957691216057308;
@inline const GELU_A: f32 = 0.044715;

/** σ(x)(1 − σ(x)) = e/(1 + e)² with e = e^(−|x|) */
@inline
function sigmoidSlope(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const r = f32x4.div(all(1), f32x4.add(e, all(1)));
  return f32x4.mul(f32x4.mul(e, r), r);
}

/** Φ(x) + x·φ(x) = h for x < 0, else 1 − h, with h = 1 − Φ(|x|) − |x|·φ(x). */
@inline
function geluSlope(x: v128): v128 {
  const t = f32x4.abs(x);
  const near = atMost(t, 15);
  const h = f32x4.mul(gaussian(near), madd(t, all(-0.3989422804014327), gaussianTail(near)));
  return v128.bitselect(h, f32x4.sub(all(1), h), f32x4.lt(x, all(0)));
}

/** σ(2u) + x·σ′(2u)·2u′; past ±16 the sigmoid is constant, and the powers of x must not overflow. */
@inline
function geluTanhSlope(x: v128): v128 {
  const near = atLeast(atMost(x, 16), -16);
  const square = f32x4.mul(near, near);
  const u2 = f32x4.mul(near, madd(square, all(TWICE_C * GELU_A), all(TWICE_C)));
  const slope = madd(square, all(3 * TWICE_C * GELU_A), all(TWICE_C));
  return f32x4.add(sigmoid(u2), f32x4.mul(x, f32x4.mul(sigmoidSlope(u2), slope)));
}

/** t + x·(1 − t²)·σ(x), where t = a/(a + b) as in ./maps, so that 1 − t = b/(a + b) */
@inline
function mishSlope(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const square = f32x4.mul(e, e);
  const below = f32x4.lt(x, all(0));
  const a = f32x4.add(f32x4.add(e, e), v128.bitselect(square, all(1), below));
  const b = v128.bitselect(all(2), f32x4.add(square, square), below);
  const r = f32x4.div(all(1), f32x4.add(a, b));
  const t = f32x4.mul(a, r);
  const gate = f32x4.mul(f32x4.mul(b, r), f32x4.add(t, all(1)));
  return f32x4.add(t, damped(x, f32x4.mul(gate, sigmoid(x))));
}

/** 0 below −3, 1 above 3, between them x/3 + ½ */
@inline
function hardswishSlope(x: v128): v128 {
  const middle = f32x4.add(f32x4.mul(x, all(1.0 / 3.0)), all(0.5));
  return v128.andnot(v128.bitselect(all(1), middle, f32x4.gt(x, all(3))), f32x4.lt(x, all(-3)));
}

@inline
function siluSlope(x: v128, beta: v128): v128 {
  const u = f32x4.mul(beta, x);
  return f32x4.add(sigmoid(u), damped(u, sigmoidSlope(u)));
}

/** −1, ±0 or 1; NaN stays NaN. */
@inline
function sign(x: v128): v128 {
  return v128.bitselect(withSign(all(1), x), x, f32x4.gt(f32x4.abs(x), all(0)));
}

/** Those whose derivative is a function of y. */
@inline
function takesY(kind: i32): bool {
  return kind == Formula.exp || kind == Formula.sigmoid || kind == Formula.sqrt || kind == Formula.tanh;
}

/** f′ from x, or from y for those that take y. */
@inline
function derivative(kind: i32, x: v128, p: v128): v128 {
  const positive = f32x4.gt(x, all(0));
  if (kind == Formula.abs) return sign(x);
  if (kind == Formula.elu) return v128.bitselect(all(1), f32x4.mul(p, exp(x)), positive);
  if (kind == Formula.erf) return f32x4.mul(expOfSquare(atMost(f32x4.abs(x), 11), -1), all(1.1283791670955126));
  if (kind == Formula.exp) return x;
  if (kind == Formula.gelu) return geluSlope(x);
  if (kind == Formula.geluSigmoid) {
    const u = f32x4.mul(x, all(1.702));
    return f32x4.add(sigmoid(u), f32x4.mul(x, f32x4.mul(sigmoidSlope(u), all(1.702))));
  }
  if (kind == Formula.geluTanh) return geluTanhSlope(x);
  if (kind == Formula.hardswish) return hardswishSlope(x);
  if (kind == Formula.leakyRelu) return v128.bitselect(all(1), p, positive);
  if (kind == Formula.log) return f32x4.div(all(1), x);
  if (kind == Formula.mish) return mishSlope(x);
  if (kind == Formula.normalCdf) return f32x4.mul(gaussian(atMost(f32x4.abs(x), 15)), all(0.3989422804014327));
  if (kind == Formula.prelu) return v128.andnot(all(1), positive);
  if (kind == Formula.relu) return v128.andnot(all(1), f32x4.le(x, all(0)));
  if (kind == Formula.sigmoid) return f32x4.mul(x, f32x4.sub(all(1), x));
  if (kind == Formula.silu) return siluSlope(x, p);
  if (kind == Formula.softplus) return sigmoid(x);
  if (kind == Formula.sqrt) return f32x4.div(all(0.5), x);
  if (kind == Formula.square) return f32x4.add(x, x);
  if (kind == Formula.squaredRelu) return f32x4.mul(f32x4.max(all(0), x), all(2));
  return f32x4.sub(all(1), f32x4.mul(x, x)); // tanh
}

@inline
function grad(kind: i32, dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const end = dx + (<usize>to << 2);
  dx += <usize>from << 2;
  dy += <usize>from << 2;
  x = (takesY(kind) ? y : x) + (<usize>from << 2);
  for (; dx + 16 <= end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), derivative(kind, v128.load(x), p)));
  }
  const rest = <i32>(end - dx) >> 2;
  if (rest > 0) storePart(dx, f32x4.mul(loadPart(dy, rest, 0), derivative(kind, loadPart(x, rest, 0), p)), rest);
}

export function absGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.abs, dx, dy, x, y, parameter, from, to);
}
export function eluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.elu, dx, dy, x, y, parameter, from, to);
}
export function erfGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.erf, dx, dy, x, y, parameter, from, to);
}
export function expGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.exp, dx, dy, x, y, parameter, from, to);
}
export function geluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.gelu, dx, dy, x, y, parameter, from, to);
}
export function geluSigmoidGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.geluSigmoid, dx, dy, x, y, parameter, from, to);
}
export function geluTanhGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.geluTanh, dx, dy, x, y, parameter, from, to);
}
export function hardswishGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.hardswish, dx, dy, x, y, parameter, from, to);
}
export function leakyReluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.leakyRelu, dx, dy, x, y, parameter, from, to);
}
export function logGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.log, dx, dy, x, y, parameter, from, to);
}
export function mishGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.mish, dx, dy, x, y, parameter, from, to);
}
export function normalCdfGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.normalCdf, dx, dy, x, y, parameter, from, to);
}
export function preluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.prelu, dx, dy, x, y, parameter, from, to);
}
export function reluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.relu, dx, dy, x, y, parameter, from, to);
}
export function sigmoidGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.sigmoid, dx, dy, x, y, parameter, from, to);
}
export function siluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.silu, dx, dy, x, y, parameter, from, to);
}
export function softplusGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.softplus, dx, dy, x, y, parameter, from, to);
}
export function sqrtGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.sqrt, dx, dy, x, y, parameter, from, to);
}
export function squareGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.square, dx, dy, x, y, parameter, from, to);
}
export function squaredReluGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.squaredRelu, dx, dy, x, y, parameter, from, to);
}
export function tanhGrad(dx: usize, dy: usize, x: usize, y: usize, parameter: f32, from: i32, to: i32): void {
  grad(Formula.tanh, dx, dy, x, y, parameter, from, to);
}
