/**
 * The loops of the formulas in formulas/, four elements at a time. A formula is a class F with value(x, p),
 * which is f, and slope(x, p), which is f′ (of y where that is cheaper: its export then hands over y); both
 * are inlined. The last, incomplete four go through the same code, so a result does not depend on where the
 * range was split.
 */
import { all, loadPart, storePart } from './simd';

/** y ← f(x) */
@inline
export function map<F>(y: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const formula = changetype<F>(0); // there is no object: only its methods are used
  const end = y + (<usize>to << 2);
  y += <usize>from << 2;
  x += <usize>from << 2;
  for (; y + 16 <= end; y += 16, x += 16) v128.store(y, formula.value(v128.load(x), p));
  const rest = <i32>(end - y) >> 2;
  if (rest > 0) storePart(y, formula.value(loadPart(x, rest, 0), p), rest);
}

/** dx ← dy·f′, from x or from y */
@inline
export function grad<F>(dx: usize, dy: usize, x: usize, parameter: f32, from: i32, to: i32): void {
  const p = all(parameter);
  const formula = changetype<F>(0);
  const end = dx + (<usize>to << 2);
  dx += <usize>from << 2;
  dy += <usize>from << 2;
  x += <usize>from << 2;
  for (; dx + 16 <= end; dx += 16, dy += 16, x += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), formula.slope(v128.load(x), p)));
  }
  const rest = <i32>(end - dx) >> 2;
  if (rest > 0) storePart(dx, f32x4.mul(loadPart(dy, rest, 0), formula.slope(loadPart(x, rest, 0), p)), rest);
}
