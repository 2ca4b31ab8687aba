import { map, withSlope } from '../map';
import { atLeast, exp, log1p, sigmoid } from '../math';

/** log(1 + eˣ) */
class Softplus {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.add(atLeast(x, 0), log1p(exp(f32x4.neg(f32x4.abs(x)))));
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return sigmoid(x);
  }
}

export function softplusMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Softplus>(y, x, p, from, to);
}
export function softplusWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Softplus>(y, slope, x, p, from, to);
}
export function softplusCost(): i32 {
  return 45;
}
