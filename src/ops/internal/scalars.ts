/** Functions of one number that several activations share. */

/** 1/(1 + e⁻ˣ). For very negative x the exponential overflows to ∞, and 1/∞ = 0 is right. */
export function sigmoidOf(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** log(1 + eˣ), written so that the exponential cannot overflow and small results keep their digits. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * x·factor for a factor that vanishes faster than x grows: 0 where it has underflowed, also for x = ±∞ (∞·0
 * is NaN).
 */
export function damped(x: number, factor: number): number {
  return factor === 0 ? 0 : x * factor;
}
