/** Rotary positions: two pairs of neighbours at a time, or four pairs of the halves. */
import { madd } from './simd';

/**
 * Tokens from … to − 1 of y ← x with each pair (a, b) turned into (a·c − b·s, b·c + a·s), where c and s are
 * in row (token mod positions) of `cos` and `sin`, (positions, pairs), and `direction` ±1 multiplies s. The
 * two of a pair are `apart` channels from each other: 1 (neighbours) or `pairs` (halves).
 */
export function rotate(
  y: usize, x: usize, cos: usize, sin: usize,
  positions: i32, heads: i32, pairs: i32, apart: i32, direction: f32, from: i32, to: i32,
): void {
  const bytes = <usize>pairs << 3;
  let at = <usize>from * heads * bytes;
  for (let token = from; token < to; token++) {
    const row = <usize>(token % positions) * pairs << 2;
    for (let head = 0; head < heads; head++, at += bytes) {
      if (apart == 1) neighbours(y + at, x + at, cos + row, sin + row, pairs, direction);
      else halves(y + at, x + at, cos + row, sin + row, pairs, direction);
    }
  }
}

@inline
function neighbours(y: usize, x: usize, cos: usize, sin: usize, pairs: i32, direction: f32): void {
  const signs = f32x4(-direction, direction, -direction, direction);
  const even = pairs & -2;
  for (let i = 0; i < even; i += 2) {
    const c = v128.load64_zero(cos + (<usize>i << 2));
    const s = v128.load64_zero(sin + (<usize>i << 2));
    const place = <usize>i << 3;
    v128.store(y + place, turned(v128.load(x + place), c, s, signs));
  }
  if (even < pairs) {
    const c = v128.load32_zero(cos + (<usize>even << 2));
    const s = v128.load32_zero(sin + (<usize>even << 2));
    const place = <usize>even << 3;
    v128.store64_lane(y + place, turned(v128.load64_zero(x + place), c, s, signs), 0);
  }
}

/** (a₀, b₀, a₁, b₁) turned, for (c₀, c₁, …) and (s₀, s₁, …) */
@inline
function turned(x: v128, c: v128, s: v128, signs: v128): v128 {
  const swapped = v128.shuffle<f32>(x, x, 1, 0, 3, 2);
  const sines = f32x4.mul(v128.shuffle<f32>(s, s, 0, 0, 1, 1), signs);
  return madd(swapped, sines, f32x4.mul(x, v128.shuffle<f32>(c, c, 0, 0, 1, 1)));
}

/** The same arithmetic as of neighbours, so a channel gets the same bits in either layout. */
@inline
function halves(y: usize, x: usize, cos: usize, sin: usize, pairs: i32, direction: f32): void {
  const half = <usize>pairs << 2;
  const end = half & ~15;
  const sign = f32x4.splat(direction);
  for (let i: usize = 0; i < end; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(x + half + i);
    const c = v128.load(cos + i);
    const s = f32x4.mul(v128.load(sin + i), sign);
    v128.store(y + i, madd(b, f32x4.neg(s), f32x4.mul(a, c)));
    v128.store(y + half + i, madd(a, s, f32x4.mul(b, c)));
  }
  for (let i = end; i < half; i += 4) {
    const a = v128.load32_zero(x + i);
    const b = v128.load32_zero(x + half + i);
    const c = v128.load32_zero(cos + i);
    const s = f32x4.mul(v128.load32_zero(sin + i), sign);
    v128.store32_lane(y + i, madd(b, f32x4.neg(s), f32x4.mul(a, c)), 0);
    v128.store32_lane(y + half + i, madd(a, s, f32x4.mul(b, c)), 0);
  }
}
