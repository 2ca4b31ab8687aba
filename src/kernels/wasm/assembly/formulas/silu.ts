import { map, withSlope } from '../map';
import { sigmoid, sigmoidSlope } from '../math';
import { damped } from '../simd';

/** x·σ(p·x) */
class Silu {
  @inline
  value(x: v128, p: v128): v128 {
    return damped(x, sigmoid(f32x4.mul(p, x)));
  }
  @inline
  slope(x: v128, p: v128): v128 {
    const u = f32x4.mul(p, x);
    return f32x4.add(sigmoid(u), damped(u, sigmoidSlope(u)));
  }
}

export function siluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Silu>(y, x, p, from, to);
}
export function siluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Silu>(y, slope, x, p, from, to);
}
export function siluCost(): i32 {
  return 25;
}
