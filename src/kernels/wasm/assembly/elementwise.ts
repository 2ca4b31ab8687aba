/**
 * Arithmetic on two arrays, scale, dropout and gates. Every element is rounded on its own, so how the work is
 * split changes nothing.
 *
 * A strided operand is read as lines: the index space is (…, n1, n2, cols) in row-major order, an operand has
 * a stride for each of the three outer axes, and along a line its elements are neighbours (step 1) or one and
 * the same (step 0: broadcast). Strides and ranges count elements.
 */
import { all, hash, keepMask, loadPart, storePart } from './simd';
import { promoteHigh } from './vectors';

/** The operations, in the order of `binaryNames` in ../wrappers/elementwise.ts. */
const enum Binary {
  add, sub, mul, div, max, min, eq, neq, lt, leq, gt, geq,
} // biome-ignore format: one line reads better

/** a ∘ b; comparisons give 1 and 0. `kind` is known when this is compiled. */
@inline
function combine(kind: i32, a: v128, b: v128): v128 {
  if (kind == Binary.add) return f32x4.add(a, b);
  if (kind == Binary.sub) return f32x4.sub(a, b);
  if (kind == Binary.mul) return f32x4.mul(a, b);
  if (kind == Binary.div) return f32x4.div(a, b);
  if (kind == Binary.max) return f32x4.max(a, b);
  if (kind == Binary.min) return f32x4.min(a, b);
  if (kind == Binary.eq) return v128.and(f32x4.eq(a, b), all(1));
  if (kind == Binary.neq) return v128.and(f32x4.ne(a, b), all(1));
  if (kind == Binary.lt) return v128.and(f32x4.lt(a, b), all(1));
  if (kind == Binary.leq) return v128.and(f32x4.le(a, b), all(1));
  if (kind == Binary.gt) return v128.and(f32x4.gt(a, b), all(1));
  return v128.and(f32x4.ge(a, b), all(1));
}

/** One line of n elements; one operand at most has step 0. */
@inline
function line(kind: i32, out: usize, a: usize, stepA: i32, b: usize, stepB: i32, n: i32): void {
  const end = out + (<usize>n << 2);
  if (stepA == 0) {
    const x = v128.load32_splat(a);
    for (; out + 16 <= end; out += 16, b += 16) v128.store(out, combine(kind, x, v128.load(b)));
  } else if (stepB == 0) {
    const y = v128.load32_splat(b);
    for (; out + 16 <= end; out += 16, a += 16) v128.store(out, combine(kind, v128.load(a), y));
  } else {
    for (; out + 16 <= end; out += 16, a += 16, b += 16) {
      v128.store(out, combine(kind, v128.load(a), v128.load(b)));
    }
  }
  for (; out < end; out += 4, a += <usize>stepA << 2, b += <usize>stepB << 2) {
    store<f32>(out, f32x4.extract_lane(combine(kind, v128.load32_splat(a), v128.load32_splat(b)), 0));
  }
}

function lineOf(kind: i32, out: usize, a: usize, stepA: i32, b: usize, stepB: i32, n: i32): void {
  switch (kind) {
    case Binary.add:
      return line(Binary.add, out, a, stepA, b, stepB, n);
    case Binary.sub:
      return line(Binary.sub, out, a, stepA, b, stepB, n);
    case Binary.mul:
      return line(Binary.mul, out, a, stepA, b, stepB, n);
    case Binary.div:
      return line(Binary.div, out, a, stepA, b, stepB, n);
    case Binary.max:
      return line(Binary.max, out, a, stepA, b, stepB, n);
    case Binary.min:
      return line(Binary.min, out, a, stepA, b, stepB, n);
    case Binary.eq:
      return line(Binary.eq, out, a, stepA, b, stepB, n);
    case Binary.neq:
      return line(Binary.neq, out, a, stepA, b, stepB, n);
    case Binary.lt:
      return line(Binary.lt, out, a, stepA, b, stepB, n);
    case Binary.leq:
      return line(Binary.leq, out, a, stepA, b, stepB, n);
    case Binary.gt:
      return line(Binary.gt, out, a, stepA, b, stepB, n);
    default:
      return line(Binary.geq, out, a, stepA, b, stepB, n);
  }
}

/** The address of an element: its line, and how far along. */
@inline
export function place(base: usize, i0: i32, i1: i32, i2: i32, s0: i32, s1: i32, s2: i32, along: i32): usize {
  return base + (<usize>(i0 * s0 + i1 * s1 + i2 * s2 + along) << 2);
}

/** Elements [from, to) of out ← a ∘ b. */
export function binary(
  out: usize, a: usize, b: usize, kind: i32, n1: i32, n2: i32, cols: i32,
  o0: i32, o1: i32, o2: i32, a0: i32, a1: i32, a2: i32, stepA: i32, b0: i32, b1: i32, b2: i32, stepB: i32,
  from: i32, to: i32,
): void {
  if (from >= to) return;
  let row = from / cols;
  let col = from - row * cols;
  for (let i = from; i < to; col = 0, row++) {
    const n = min(cols - col, to - i);
    const i2 = row % n2;
    const i1 = (row / n2) % n1;
    const i0 = row / n2 / n1;
    const atA = place(a, i0, i1, i2, a0, a1, a2, col * stepA);
    const atB = place(b, i0, i1, i2, b0, b1, b2, col * stepB);
    lineOf(kind, place(out, i0, i1, i2, o0, o1, o2, col), atA, stepA, atB, stepB, n);
    i += n;
  }
}

/** x ← factor·x */
export function scale(x: usize, factor: f32, from: i32, to: i32): void {
  const end = x + (<usize>to << 2);
  x += <usize>from << 2;
  for (; x + 16 <= end; x += 16) v128.store(x, f32x4.mul(v128.load(x), all(factor)));
  for (; x < end; x += 4) store<f32>(x, load<f32>(x) * factor);
}

/** y ← uniform(seed, i) < p ? 0 : factor·x, with the bits of ../../js/uniform.ts; `threshold` is ⌈p·2³²⌉. */
export function dropout(
  y: usize, x: usize, threshold: i32, seed: i32, factor: f32, from: i32, to: i32,
): void {
  const least = i32x4.splat(threshold);
  const seeds = i32x4.splat(seed);
  const end = y + (<usize>to << 2);
  y += <usize>from << 2;
  x += <usize>from << 2;
  let index = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
  for (; y + 16 <= end; y += 16, x += 16) {
    v128.store(y, v128.and(f32x4.mul(v128.load(x), all(factor)), keepMask(seeds, index, least)));
    index = i32x4.add(index, i32x4.splat(4));
  }
  const n = <i32>(end - y) >> 2;
  const rest = f32x4.mul(loadPart(x, n, 0), all(factor));
  if (n > 0) storePart(y, v128.and(rest, keepMask(seeds, index, least)), n);
}

/** y ← uniform(seed, i) < probabilityᵢ ? x : 0 */
export function bernoulliGate(y: usize, x: usize, probability: usize, seed: i32, from: i32, to: i32): void {
  const seeds = i32x4.splat(seed);
  const end = y + (<usize>to << 2);
  y += <usize>from << 2;
  x += <usize>from << 2;
  probability += <usize>from << 2;
  let index = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
  for (; y + 16 <= end; y += 16, x += 16, probability += 16) {
    v128.store(y, v128.andnot(v128.load(x), closed(hash(seeds, index), v128.load(probability))));
    index = i32x4.add(index, i32x4.splat(4));
  }
  const n = <i32>(end - y) >> 2;
  const rest = closed(hash(seeds, index), loadPart(probability, n, 0));
  if (n > 0) storePart(y, v128.andnot(loadPart(x, n, 0), rest), n);
}

/** bits·2⁻³² ≥ p: compared in float64, which holds both sides exactly. */
@inline
function closed(bits: v128, p: v128): v128 {
  const scale = f64x2.splat(4294967296);
  const low = f64x2.ge(f64x2.convert_low_i32x4_u(bits), f64x2.mul(f64x2.promote_low_f32x4(p), scale));
  const upper = v128.shuffle<i32>(bits, bits, 2, 3, 2, 3);
  const high = f64x2.ge(f64x2.convert_low_i32x4_u(upper), f64x2.mul(promoteHigh(p), scale));
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}
