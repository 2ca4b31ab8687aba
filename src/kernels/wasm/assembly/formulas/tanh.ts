import { map, withSlopeOfY } from '../map';
import { tanh } from '../math';
import { all } from '../simd';

/** tanh x */
class Tanh {
  @inline
  value(x: v128, _p: v128): v128 {
    return tanh(x);
  }
  @inline
  slope(y: v128, _p: v128): v128 {
    return f32x4.sub(all(1), f32x4.mul(y, y));
  }
}

export function tanhMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Tanh>(y, x, p, from, to);
}
export function tanhWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlopeOfY<Tanh>(y, slope, x, p, from, to);
}
export function tanhCost(): i32 {
  return 25;
}
