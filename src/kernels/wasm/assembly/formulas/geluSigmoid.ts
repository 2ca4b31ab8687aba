import { map, withSlope } from '../map';
import { sigmoid, sigmoidSlope } from '../math';
import { all } from '../simd';

/** GELU by the sigmoid, x·σ(1.702·x) */
class GeluSigmoid {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.mul(x, sigmoid(f32x4.mul(x, all(1.702))));
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    const u = f32x4.mul(x, all(1.702));
    return f32x4.add(sigmoid(u), f32x4.mul(x, f32x4.mul(sigmoidSlope(u), all(1.702))));
  }
}

export function geluSigmoidMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<GeluSigmoid>(y, x, p, from, to);
}
export function geluSigmoidWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<GeluSigmoid>(y, slope, x, p, from, to);
}
export function geluSigmoidCost(): i32 {
  return 25;
}
