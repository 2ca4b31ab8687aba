import { map, withSlopeOfY } from '../map';
import { all } from '../simd';

/** √x */
class Sqrt {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.sqrt(x);
  }
  @inline
  slope(y: v128, _p: v128): v128 {
    return f32x4.div(all(0.5), y);
  }
}

export function sqrtMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Sqrt>(y, x, p, from, to);
}
export function sqrtWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlopeOfY<Sqrt>(y, slope, x, p, from, to);
}
export function sqrtCost(): i32 {
  return 4;
}
