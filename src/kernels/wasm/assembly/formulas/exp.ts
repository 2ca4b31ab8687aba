import { map, withSlopeOfY } from '../map';
import { exp } from '../math';

/** eˣ */
class Exp {
  @inline
  value(x: v128, _p: v128): v128 {
    return exp(x);
  }
  @inline
  slope(y: v128, _p: v128): v128 {
    return y;
  }
}

export function expMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Exp>(y, x, p, from, to);
}
export function expWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlopeOfY<Exp>(y, slope, x, p, from, to);
}
export function expCost(): i32 {
  return 20;
}
