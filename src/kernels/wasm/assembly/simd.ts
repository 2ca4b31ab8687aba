/** Small helpers on vectors of four float32, shared by the kernels. */

/** a·b + c: fused, with one rounding, in the relaxed build; two roundings in the plain one. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The number x in every lane. */
@inline
export function all(x: f32): v128 {
  return f32x4.splat(x);
}

/** x·factor, and 0 where the factor has vanished, also for x = ±∞. */
@inline
export function damped(x: v128, factor: v128): v128 {
  return v128.andnot(f32x4.mul(x, factor), f32x4.eq(factor, all(0)));
}

/** The largest of four; NaN wins. */
@inline
export function maxLanes(x: v128): f32 {
  x = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1));
}

/** (x₀ + x₂) + (x₁ + x₃) */
@inline
export function sumLanes(x: v128): f32 {
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1);
}

/** The first `count` < 4 numbers at an address; the lanes beyond hold `rest`. Nothing behind them is read. */
export function loadPart(from: usize, count: i32, rest: f32): v128 {
  let x = f32x4.splat(rest);
  if (count > 0) x = f32x4.replace_lane(x, 0, load<f32>(from));
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(from, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(from, 8));
  return x;
}

/** Stores the first `count` < 4 lanes. */
export function storePart(to: usize, x: v128, count: i32): void {
  if (count > 0) store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

/** The finalizer of MurmurHash3. */
@inline
function mix(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** 32 random bits for each index, those of ../../js/uniform.ts. */
@inline
export function hash(seed: v128, index: v128): v128 {
  return mix(v128.xor(mix(index), seed));
}

/**
 * All ones in the lanes of four elements that dropout keeps, as `uniform` of ../../js/uniform.ts decides for
 * each index: their hash is at least `threshold` = ⌈p·2³²⌉, as unsigned integers.
 */
@inline
export function keepMask(seed: v128, index: v128, threshold: v128): v128 {
  return i32x4.ge_u(hash(seed, index), threshold);
}
