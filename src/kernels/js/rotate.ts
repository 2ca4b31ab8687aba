import type { FloatArray } from '../../tensor/index.ts';

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
