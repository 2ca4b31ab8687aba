import type { FloatArray } from '../../tensor/index.ts';

/**
 * Rotary positions: turns each pair (a, b) of neighbouring channels by the angle of its position and pair.
 *
 *   (a, b) ← (a·cos − b·sin, b·cos + a·sin)
 *
 * Output: y (tokens, heads, pairs, 2), with tokens = B·T and pairs = D/2.
 * Inputs: x, shaped as y; cos and sin (positions, pairs), with positions = T. Token t stands at position
 * t mod T, so their rows serve every sequence of the batch.
 *
 * Backward is the same kernel on dy with direction −1. forward: y = R·x, so dx = Rᵀ·dy, and the transpose of
 * a turn is the turn back. See docs/derivations.md.
 */
export function rotate(
  y: FloatArray,
  x: FloatArray,
  cos: FloatArray,
  sin: FloatArray,
  tokens: number,
  positions: number,
  heads: number,
  pairs: number,
  direction: 1 | -1,
): void {
  for (let token = 0, at = 0; token < tokens; token++) {
    const row = (token % positions) * pairs;
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < pairs; i++, at += 2) {
        const [a, b] = [x[at]!, x[at + 1]!];
        const [c, s] = [cos[row + i]!, direction * sin[row + i]!];
        y[at] = a * c - b * s;
        y[at + 1] = b * c + a * s;
      }
    }
  }
}
