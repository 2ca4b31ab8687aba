import type { FloatArray } from '../../tensor/index.ts';

/**
 * Rotary positions: turns each pair (a, b) of channels by the angle of its position and pair.
 *
 *   (a, b) ← (a·cos − b·sin, b·cos + a·sin)
 *
 * Pair i is of neighbours, channels 2i and 2i + 1, if they are 1 `apart`, or of the halves, channels i and
 * i + pairs, if they are `pairs` apart.
 *
 * Output: y (tokens, heads, D), with tokens = B·T and D = 2·pairs.
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
  apart: number,
  direction: 1 | -1,
): void {
  const step = apart === 1 ? 2 : 1; // from the first of a pair to the first of the next
  for (let token = 0, start = 0; token < tokens; token++) {
    const row = (token % positions) * pairs;
    for (let head = 0; head < heads; head++, start += 2 * pairs) {
      for (let i = 0, at = start; i < pairs; i++, at += step) {
        const [a, b] = [x[at]!, x[at + apart]!];
        const [c, s] = [cos[row + i]!, direction * sin[row + i]!];
        y[at] = a * c - b * s;
        y[at + apart] = b * c + a * s;
      }
    }
  }
}
