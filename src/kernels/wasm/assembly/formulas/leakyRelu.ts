import { map, withSlope } from '../map';
import { all } from '../simd';

/** x for x > 0, else p·x */
class LeakyRelu {
  @inline
  value(x: v128, p: v128): v128 {
    return v128.bitselect(x, f32x4.mul(p, x), f32x4.gt(x, all(0)));
  }
  @inline
  slope(x: v128, p: v128): v128 {
    return v128.bitselect(all(1), p, f32x4.gt(x, all(0)));
  }
}

export function leakyReluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<LeakyRelu>(y, x, p, from, to);
}
export function leakyReluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<LeakyRelu>(y, slope, x, p, from, to);
}
export function leakyReluCost(): i32 {
  return 2;
}
