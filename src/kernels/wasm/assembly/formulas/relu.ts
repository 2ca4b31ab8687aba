import { map, withSlope } from '../map';
import { all } from '../simd';

/** max(0, x) */
class Relu {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.max(all(0), x);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return v128.andnot(all(1), f32x4.le(x, all(0)));
  }
}

export function reluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Relu>(y, x, p, from, to);
}
export function reluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Relu>(y, slope, x, p, from, to);
}
export function reluCost(): i32 {
  return 1;
}
