import { map, withSlope } from '../map';
import { all } from '../simd';

/** max(0, x)² */
class SquaredRelu {
  @inline
  value(x: v128, _p: v128): v128 {
    const r = f32x4.max(all(0), x);
    return f32x4.mul(r, r);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return f32x4.mul(f32x4.max(all(0), x), all(2));
  }
}

export function squaredReluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<SquaredRelu>(y, x, p, from, to);
}
export function squaredReluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<SquaredRelu>(y, slope, x, p, from, to);
}
export function squaredReluCost(): i32 {
  return 2;
}
