import { map, withSlopeOfY } from '../map';
import { sigmoid } from '../math';
import { all } from '../simd';

/** σ(x) = 1/(1 + e⁻ˣ) */
class Sigmoid {
  @inline
  value(x: v128, _p: v128): v128 {
    return sigmoid(x);
  }
  @inline
  slope(y: v128, _p: v128): v128 {
    return f32x4.mul(y, f32x4.sub(all(1), y));
  }
}

export function sigmoidMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Sigmoid>(y, x, p, from, to);
}
export function sigmoidWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlopeOfY<Sigmoid>(y, slope, x, p, from, to);
}
export function sigmoidCost(): i32 {
  return 25;
}
