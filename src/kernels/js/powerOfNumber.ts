/** The power aᵇ as C has it: 1ᵇ and (−1)^±∞ are 1, where JavaScript's ** is NaN. */
export function powerOfNumber(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}
