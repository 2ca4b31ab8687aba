import { map, withSlope } from '../map';
import { atMost, gaussian, gaussianTail } from '../math';
import { all } from '../simd';

/** Φ(x), the normal distribution */
class NormalCdf {
  /** h for x < 0, else 1 − h, with h = 1 − Φ(|x|) */
  @inline
  value(x: v128, _p: v128): v128 {
    const t = atMost(f32x4.abs(x), 15);
    const h = f32x4.mul(gaussianTail(t), gaussian(t));
    return v128.bitselect(h, f32x4.sub(all(1), h), f32x4.lt(x, all(0)));
  }
  /** φ(x) */
  @inline
  slope(x: v128, _p: v128): v128 {
    return f32x4.mul(gaussian(atMost(f32x4.abs(x), 15)), all(0.3989422804014327));
  }
}

export function normalCdfMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<NormalCdf>(y, x, p, from, to);
}
export function normalCdfWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<NormalCdf>(y, slope, x, p, from, to);
}
export function normalCdfCost(): i32 {
  return 40;
}
