import { elementwise } from '../elementwise.ts';

/**
 * Squared ReLU.
 *
 *   y = max(0, x)²        y′ = 2·max(0, x)
 *
 * Monotonic, smooth at 0 (its slope is continuous), grows like x². Found by a search over language models;
 * Primer and Nemotron-4 use it.
 *
 * So et al., "Primer: Searching for Efficient Transformers for Language Modeling", arXiv:2109.08668
 */
export const squaredRelu = elementwise({
  name: 'squaredRelu',
  f: (x) => Math.max(0, x) ** 2,
  df: (x) => 2 * Math.max(0, x),
});
