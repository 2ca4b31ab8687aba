import { map, withSlope } from '../map';
import { atLeast, atMost, sigmoid, sigmoidSlope } from '../math';
import { all, madd } from '../simd';

/** √(8/π), the factor of 2u. */
@inline const TWICE_C: f32 = 1.5957691216057308;
@inline const GELU_A: f32 = 0.044715;

/** GELU by tanh, x·σ(2u) = ½x(1 + tanh u) with u = √(2/π)(x + 0.044715x³) */
class GeluTanh {
  @inline
  value(x: v128, _p: v128): v128 {
    const slope = f32x4.add(f32x4.mul(f32x4.mul(x, x), all(TWICE_C * GELU_A)), all(TWICE_C));
    return f32x4.mul(x, sigmoid(f32x4.mul(x, slope)));
  }
  /** σ(2u) + x·σ′(2u)·2u′; past ±16 the sigmoid is constant, and the powers of x must not overflow. */
  @inline
  slope(x: v128, _p: v128): v128 {
    const near = atLeast(atMost(x, 16), -16);
    const square = f32x4.mul(near, near);
    const u2 = f32x4.mul(near, madd(square, all(TWICE_C * GELU_A), all(TWICE_C)));
    const slope = madd(square, all(3 * TWICE_C * GELU_A), all(TWICE_C));
    return f32x4.add(sigmoid(u2), f32x4.mul(x, f32x4.mul(sigmoidSlope(u2), slope)));
  }
}

export function geluTanhMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<GeluTanh>(y, x, p, from, to);
}
export function geluTanhWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<GeluTanh>(y, slope, x, p, from, to);
}
export function geluTanhCost(): i32 {
  return 25;
}
