import { grad, map } from '../map';
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
export function expGrad(dx: usize, dy: usize, x: usize, y: usize, p: f32, from: i32, to: i32): void {
  grad<Exp>(dx, dy, y, p, from, to);
}
export function expCost(): i32 {
  return 20;
}
