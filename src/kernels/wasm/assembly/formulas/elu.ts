import { map, withSlope } from '../map';
import { exp, expm1Negative } from '../math';
import { all } from '../simd';

/** x for x > 0, else p·(eˣ − 1) */
class Elu {
  @inline
  value(x: v128, p: v128): v128 {
    return v128.bitselect(x, f32x4.mul(p, expm1Negative(f32x4.pmin(x, all(0)))), f32x4.gt(x, all(0)));
  }
  @inline
  slope(x: v128, p: v128): v128 {
    return v128.bitselect(all(1), f32x4.mul(p, exp(x)), f32x4.gt(x, all(0)));
  }
}

export function eluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Elu>(y, x, p, from, to);
}
export function eluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Elu>(y, slope, x, p, from, to);
}
export function eluCost(): i32 {
  return 20;
}
