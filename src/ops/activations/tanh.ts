import { elementwise } from '../elementwise.ts';

/**
 * The hyperbolic tangent: a sigmoid centred at 0, tanh x = 2σ(2x) − 1.
 *
 *   y = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)        y′ = 1 − y²
 *
 * Smooth, monotonic, bounded: (−1, 1). LSTMs and BERT's pooler use it.
 *
 * LeCun et al., "Efficient BackProp", 1998
 */
export const tanh = elementwise({
  name: 'tanh',
  f: Math.tanh,
  df: (_x, y) => 1 - y * y,
});
