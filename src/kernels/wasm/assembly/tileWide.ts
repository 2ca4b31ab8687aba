/**
 * The micro-kernel of the build `wide`: four or six rows and sixteen columns. Written in vectors of 128 bits,
 * of which there would be too many for the registers; V8 joins those that are neighbours in memory, b0 and b1,
 * b2 and b3, and all that is computed of them, to vectors of 256 bits. It finds them from neighbouring stores,
 * so the sums are used for nothing else, and all loads of a row come before its stores.
 */
import { madd } from './simd';

/**
 * c[0…3][0…15] ← (other +) Σₚ a[r][p]·b[p][0…15], or for six rows if `tall`, which is known when compiled;
 * `other` is 0, or the numbers to add, the next row of them after `otherStep` bytes. All else as `tile`.
 */
@inline
export function wideTile(
  tall: bool, c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  other: usize, otherStep: usize,
): void {
  let a0 = a, a1 = a + rowStep, a2 = a + 2 * rowStep, a3 = a + 3 * rowStep;
  let a4 = a + 4 * rowStep, a5 = a + 5 * rowStep;
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
  let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
  let c20 = zero, c21 = zero, c22 = zero, c23 = zero;
  let c30 = zero, c31 = zero, c32 = zero, c33 = zero;
  let c40 = zero, c41 = zero, c42 = zero, c43 = zero;
  let c50 = zero, c51 = zero, c52 = zero, c53 = zero;
  for (const end = b + (<usize>k << 6); b < end; b += 64) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00), c01 = madd(x, b1, c01), c02 = madd(x, b2, c02), c03 = madd(x, b3, c03);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10), c11 = madd(x, b1, c11), c12 = madd(x, b2, c12), c13 = madd(x, b3, c13);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20), c21 = madd(x, b1, c21), c22 = madd(x, b2, c22), c23 = madd(x, b3, c23);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30), c31 = madd(x, b1, c31), c32 = madd(x, b2, c32), c33 = madd(x, b3, c33);
    if (tall) {
      x = v128.load32_splat(a4);
      c40 = madd(x, b0, c40), c41 = madd(x, b1, c41), c42 = madd(x, b2, c42), c43 = madd(x, b3, c43);
      x = v128.load32_splat(a5);
      c50 = madd(x, b0, c50), c51 = madd(x, b1, c51), c52 = madd(x, b2, c52), c53 = madd(x, b3, c53);
      a4 += step, a5 += step;
    }
    a0 += step, a1 += step, a2 += step, a3 += step;
  }
  if (other) {
    addRow(c, c00, c01, c02, c03, other);
    addRow(c + width, c10, c11, c12, c13, other + otherStep);
    addRow(c + 2 * width, c20, c21, c22, c23, other + 2 * otherStep);
    addRow(c + 3 * width, c30, c31, c32, c33, other + 3 * otherStep);
    if (tall) addRow(c + 4 * width, c40, c41, c42, c43, other + 4 * otherStep);
    if (tall) addRow(c + 5 * width, c50, c51, c52, c53, other + 5 * otherStep);
  } else {
    putRow(c, c00, c01, c02, c03);
    putRow(c + width, c10, c11, c12, c13);
    putRow(c + 2 * width, c20, c21, c22, c23);
    putRow(c + 3 * width, c30, c31, c32, c33);
    if (tall) putRow(c + 4 * width, c40, c41, c42, c43);
    if (tall) putRow(c + 5 * width, c50, c51, c52, c53);
  }
}

@inline
function putRow(c: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  v128.store(c, x0), v128.store(c, x1, 16), v128.store(c, x2, 32), v128.store(c, x3, 48);
}

@inline
function addRow(c: usize, x0: v128, x1: v128, x2: v128, x3: v128, other: usize): void {
  const y0 = v128.load(other), y1 = v128.load(other, 16);
  const y2 = v128.load(other, 32), y3 = v128.load(other, 48);
  putRow(c, f32x4.add(x0, y0), f32x4.add(x1, y1), f32x4.add(x2, y2), f32x4.add(x3, y3));
}
