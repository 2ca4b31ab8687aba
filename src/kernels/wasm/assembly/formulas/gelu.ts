import { map, withSlope } from '../map';
import { atMost, gaussian, gaussianTail } from '../math';
import { all, madd } from '../simd';

/** GELU as it is defined, x·Φ(x). */
class Gelu {
  /**
   * x·Φ(x) = [x > 0]·x − |x|·(1 − Φ(|x|)), to 7 ulp: nothing cancels, so the negative tail keeps its digits.
   * At −∞ it is −∞·0, NaN.
   */
  @inline
  value(x: v128, _p: v128): v128 {
    const t = f32x4.pmin(f32x4.abs(x), all(15));
    const missing = f32x4.mul(f32x4.mul(t, gaussianTail(t)), gaussian(t));
    const passed = f32x4.mul(x, v128.and(all(1), f32x4.gt(x, all(0))));
    return f32x4.sub(passed, missing);
  }
  /** Φ(x) + x·φ(x) = h for x < 0, else 1 − h, with h = 1 − Φ(|x|) − |x|·φ(x). */
  @inline
  slope(x: v128, _p: v128): v128 {
    const t = f32x4.abs(x);
    const near = atMost(t, 15);
    const h = f32x4.mul(gaussian(near), madd(t, all(-0.3989422804014327), gaussianTail(near)));
    return v128.bitselect(h, f32x4.sub(all(1), h), f32x4.lt(x, all(0)));
  }
}

export function geluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Gelu>(y, x, p, from, to);
}
export function geluWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Gelu>(y, slope, x, p, from, to);
}
export function geluCost(): i32 {
  return 40;
}
