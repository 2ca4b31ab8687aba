import { map, withSlope } from '../map';
import { all } from '../simd';

/** 0 up to −3, x from 3, between them x(x + 3)/6 */
class Hardswish {
  @inline
  value(x: v128, _p: v128): v128 {
    const middle = f32x4.mul(f32x4.mul(x, f32x4.add(x, all(3))), all(1.0 / 6.0));
    return v128.andnot(v128.bitselect(x, middle, f32x4.ge(x, all(3))), f32x4.le(x, all(-3)));
  }
  /** 0 below −3, 1 above 3, between them x/3 + ½ */
  @inline
  slope(x: v128, _p: v128): v128 {
    const middle = f32x4.add(f32x4.mul(x, all(1.0 / 3.0)), all(0.5));
    return v128.andnot(v128.bitselect(all(1), middle, f32x4.gt(x, all(3))), f32x4.lt(x, all(-3)));
  }
}

export function hardswishMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Hardswish>(y, x, p, from, to);
}
export function hardswishWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Hardswish>(y, slope, x, p, from, to);
}
export function hardswishCost(): i32 {
  return 4;
}
