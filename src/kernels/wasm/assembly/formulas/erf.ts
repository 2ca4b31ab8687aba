import { map, withSlope } from '../map';
import { atMost, erf, expOfSquare } from '../math';
import { all } from '../simd';

/** erf x */
class Erf {
  @inline
  value(x: v128, _p: v128): v128 {
    return erf(x);
  }
  /** 2/√π·e^(−x²) */
  @inline
  slope(x: v128, _p: v128): v128 {
    return f32x4.mul(expOfSquare(atMost(f32x4.abs(x), 11), -1), all(1.1283791670955126));
  }
}

export function erfMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Erf>(y, x, p, from, to);
}
export function erfWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Erf>(y, slope, x, p, from, to);
}
export function erfCost(): i32 {
  return 50;
}
