/** Small helpers on vectors of four float32, shared by the kernels. */

/** a·b + c: fused, with one rounding, in the relaxed build; two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The number x in every lane. */
// @ts-ignore: decorator
@inline
export function all(x: f32): v128 {
  return f32x4.splat(x);
}

/** The finalizer of MurmurHash3. */
// @ts-ignore: decorator
@inline
function mix(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/**
 * All ones in the lanes of four elements that dropout keeps, as `keeps` of ../../js/dropout.ts decides for each index:
 * their hash is at least `threshold` = ⌈p·2³²⌉, as unsigned integers.
 */
// @ts-ignore: decorator
@inline
export function keepMask(seed: v128, index: v128, threshold: v128): v128 {
  return i32x4.ge_u(mix(v128.xor(mix(index), seed)), threshold);
}
