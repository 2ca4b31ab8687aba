import { grad, map } from '../map';
import { all } from '../simd';

/** max(0, x) */
class Relu {
  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.max(all(0), x);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return v128.andnot(all(1), f32x4.le(x, all(0)));
  }
}

export function reluMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Relu>(y, x, p, from, to);
}
export function reluGrad(dx: usize, dy: usize, x: usize, y: usize, p: f32, from: i32, to: i32): void {
  grad<Relu>(dx, dy, x, p, from, to);
}
export function reluCost(): i32 {
  return 1;
}
