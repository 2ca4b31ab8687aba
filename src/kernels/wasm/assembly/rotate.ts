/** Rotary positions: two pairs at a time. */
import { madd } from './simd';

/**
 * Tokens from … to − 1 of y ← x with each pair (a, b) turned into (a·c − b·s, b·c + a·s), where c and s are
 * in row (token mod positions) of `cos` and `sin`, (positions, pairs), and `direction` ±1 multiplies s.
 */
export function rotate(
  y: usize, x: usize, cos: usize, sin: usize, positions: i32, heads: i32, pairs: i32, direction: f32, from: i32, to: i32,
): void {
  const signs = f32x4(-direction, direction, -direction, direction);
  const bytes = <usize>pairs << 3;
  const even = pairs & -2;
  let at = <usize>from * heads * bytes;
  for (let token = from; token < to; token++) {
    const row = <usize>(token % positions) * pairs << 2;
    for (let head = 0; head < heads; head++, at += bytes) {
      for (let i = 0; i < even; i += 2) {
        const c = v128.load64_zero(cos + row + (<usize>i << 2));
        const s = v128.load64_zero(sin + row + (<usize>i << 2));
        const place = at + (<usize>i << 3);
        v128.store(y + place, turned(v128.load(x + place), c, s, signs));
      }
      if (even < pairs) {
        const c = v128.load32_zero(cos + row + (<usize>even << 2));
        const s = v128.load32_zero(sin + row + (<usize>even << 2));
        const place = at + (<usize>even << 3);
        v128.store64_lane(y + place, turned(v128.load64_zero(x + place), c, s, signs), 0);
      }
    }
  }
}

/** (a₀, b₀, a₁, b₁) turned, for (c₀, c₁, …) and (s₀, s₁, …) */
@inline
function turned(x: v128, c: v128, s: v128, signs: v128): v128 {
  const swapped = v128.shuffle<f32>(x, x, 1, 0, 3, 2);
  const sines = f32x4.mul(v128.shuffle<f32>(s, s, 0, 0, 1, 1), signs);
  return madd(swapped, sines, f32x4.mul(x, v128.shuffle<f32>(c, c, 0, 0, 1, 1)));
}
