import { elementwise } from '../elementwise.ts';
import { sigmoidOf, softplusOf } from '../internal/scalars.ts';

/**
 * Softplus: a smooth ReLU.
 *
 *   y = log(1 + eˣ) = max(0, x) + log(1 + e^(−|x|))        y′ = σ(x)
 *
 * Smooth, monotonic, positive. It makes a positive number of any score (a variance, Mamba's step size). The
 * second form holds for every x; PyTorch instead returns x above a threshold of 20, which is off by up to
 * 2·10⁻⁹.
 *
 * Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option Pricing", NIPS 2000
 */
export const softplus = elementwise({
  name: 'softplus',
  f: softplusOf,
  df: sigmoidOf,
});
