import { map, withSlope } from '../map';

/** x² */
class Square {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.mul(x, x);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return f32x4.add(x, x);
  }
}

export function squareMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Square>(y, x, p, from, to);
}
export function squareWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Square>(y, slope, x, p, from, to);
}
export function squareCost(): i32 {
  return 1;
}
