import { map, withSlope } from '../map';
import { exp, sigmoid } from '../math';
import { all, damped } from '../simd';

/**
 * x·tanh(log(1 + eˣ)) = x·a/(a + b): a = 1 + 2e, b = 2e² for x ≥ 0; a = e² + 2e, b = 2 below; e = e^(−|x|)
 */
class Mish {
  @inline
  value(x: v128, _p: v128): v128 {
    const e = exp(f32x4.neg(f32x4.abs(x)));
    const square = f32x4.mul(e, e);
    const below = f32x4.lt(x, all(0));
    const a = f32x4.add(f32x4.add(e, e), v128.bitselect(square, all(1), below));
    const b = v128.bitselect(all(2), f32x4.add(square, square), below);
    return damped(x, f32x4.div(a, f32x4.add(a, b)));
  }
  /** t + x·(1 − t²)·σ(x), where t = a/(a + b), so that 1 − t = b/(a + b) */
  @inline
  slope(x: v128, _p: v128): v128 {
    const e = exp(f32x4.neg(f32x4.abs(x)));
    const square = f32x4.mul(e, e);
    const below = f32x4.lt(x, all(0));
    const a = f32x4.add(f32x4.add(e, e), v128.bitselect(square, all(1), below));
    const b = v128.bitselect(all(2), f32x4.add(square, square), below);
    const r = f32x4.div(all(1), f32x4.add(a, b));
    const t = f32x4.mul(a, r);
    const gate = f32x4.mul(f32x4.mul(b, r), f32x4.add(t, all(1)));
    return f32x4.add(t, damped(x, f32x4.mul(gate, sigmoid(x))));
  }
}

export function mishMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Mish>(y, x, p, from, to);
}
export function mishWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Mish>(y, slope, x, p, from, to);
}
export function mishCost(): i32 {
  return 30;
}
