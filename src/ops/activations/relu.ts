import { elementwise } from '../elementwise.ts';

/**
 * ReLU, the rectified linear unit.
 *
 *   y = max(0, x)        y′ = 1 for x > 0, else 0 (also at 0)
 *
 * Monotonic, not smooth at 0, unbounded above; a unit that is negative on all data gets no gradient any more.
 * The original Transformer, T5 and OPT use it.
 *
 * Nair & Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010
 */
export const relu = elementwise({
  name: 'relu',
  f: (x) => Math.max(0, x),
  df: (x) => (x <= 0 ? 0 : 1),
});
