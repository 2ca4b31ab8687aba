import { elementwise } from '../elementwise.ts';
import { sigmoidOf } from '../internal/scalars.ts';

/**
 * The logistic function.
 *
 *   y = σ(x) = 1/(1 + e⁻ˣ)        y′ = y(1 − y)
 *
 * Smooth, monotonic, bounded: (0, 1). It turns a score into a probability and is the gate of LSTMs and GLU;
 * as a hidden activation it saturates (y′ ≤ ¼).
 *
 * Verhulst, 1845; Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", Nature
 * 323 (1986)
 */
export const sigmoid = elementwise({
  name: 'sigmoid',
  f: sigmoidOf,
  df: (_x, y) => y * (1 - y),
});
