import { map, withSlope } from '../map';
import { withSign } from '../math';
import { all } from '../simd';

/** |x| */
class Abs {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.abs(x);
  }
  /** −1, ±0 or 1; NaN stays NaN. */
  @inline
  slope(x: v128, _p: v128): v128 {
    return v128.bitselect(withSign(all(1), x), x, f32x4.gt(f32x4.abs(x), all(0)));
  }
}

export function absMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Abs>(y, x, p, from, to);
}
export function absWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Abs>(y, slope, x, p, from, to);
}
export function absCost(): i32 {
  return 1;
}
