/**
 * The loops of the formulas in formulas/. A formula is a class F with value(x, p), which is f, and
 * slope(x, p), which is f′ (of y where that is cheaper: then `withSlopeOfY`); both are inlined. Two vectors at
 * a time, which the build `wide` makes one; the end of the range goes through the same code, so a result does
 * not depend on where the range was split.
 */
import { all } from './simd';
import { loadFirst, storeFirst } from './vectors';

/** y ← f(x) */
@inline
export function map<F>(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const formula = changetype<F>(0); // there is no object: only its methods are used
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const at = <usize>i << 2;
    const y0 = formula.value(v128.load(x + at), p);
    const y1 = formula.value(v128.load(x + at, 16), p);
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
  }
  for (; i < to; i += 4) {
    const at = <usize>i << 2;
    storeFirst(y + at, formula.value(loadFirst(x + at, to - i, 0), p), to - i);
  }
}

/** y ← f(x), slope ← f′(x) */
@inline
export function withSlope<F>(y: usize, slope: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  both<F>(false, y, slope, x, parameter, from, to);
}

/** The same of a formula whose slope takes y. */
@inline
export function withSlopeOfY<F>(y: usize, slope: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  both<F>(true, y, slope, x, parameter, from, to);
}

@inline
function both<F>(ofY: bool, y: usize, slope: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const formula = changetype<F>(0);
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const at = <usize>i << 2;
    const x0 = v128.load(x + at);
    const x1 = v128.load(x + at, 16);
    const y0 = formula.value(x0, p);
    const y1 = formula.value(x1, p);
    const s0 = formula.slope(ofY ? y0 : x0, p);
    const s1 = formula.slope(ofY ? y1 : x1, p);
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
    v128.store(slope + at, s0);
    v128.store(slope + at, s1, 16);
  }
  for (; i < to; i += 4) {
    const at = <usize>i << 2;
    const x0 = loadFirst(x + at, to - i, 0);
    const y0 = formula.value(x0, p);
    storeFirst(y + at, y0, to - i);
    storeFirst(slope + at, formula.slope(ofY ? y0 : x0, p), to - i);
  }
}
