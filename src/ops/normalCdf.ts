import { elementwise } from './elementwise.ts';
import { erfOf } from './erf.ts';

/**
 * The distribution function of the standard normal distribution: the probability that such a number lies
 * below x.
 *
 *   Φ(x) = ½(1 + erf(x/√2))        Φ′(x) = φ(x) = e^(−x²/2)/√(2π)
 *
 * GELU's gate is open with this probability. Good to 1e-16, so probabilities far below that are 0.
 */
export const normalCdf = elementwise({ name: 'normalCdf', f: normalCdfOf, df: normalDensityOf });

/** Φ of one number. */
export function normalCdfOf(x: number): number {
  return 0.5 * (1 + erfOf(x / Math.SQRT2));
}

/** φ of one number. */
export function normalDensityOf(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}
