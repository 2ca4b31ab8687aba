import { map, withSlope } from '../map';
import { all } from '../simd';

/** min(0, x), the part of PReLU that its slopes multiply */
class Prelu {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.min(all(0), x);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return v128.andnot(all(1), f32x4.gt(x, all(0)));
  }
}

export function preluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Prelu>(y, x, p, from, to);
}
export function preluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Prelu>(y, slope, x, p, from, to);
}
export function preluCost(): i32 {
  return 1;
}
