import { map, withSlope } from '../map';
import { log } from '../math';
import { all } from '../simd';

/** ln x */
class Log {
  @inline
  value(x: v128, _p: v128): v128 {
    return log(x);
  }
  @inline
  slope(x: v128, _p: v128): v128 {
    return f32x4.div(all(1), x);
  }
}

export function logMap(y: usize, x: usize, p: f32, from: i32, to: i32): void {
  map<Log>(y, x, p, from, to);
}
export function logWithSlope(y: usize, slope: usize, x: usize, p: f32, from: i32, to: i32): void {
  withSlope<Log>(y, slope, x, p, from, to);
}
export function logCost(): i32 {
  return 25;
}
