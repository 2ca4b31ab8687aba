import { checkFinite, type Tensor, withDefaults } from '../../tensor/index.ts';
import { elementwise } from '../elementwise.ts';
import { damped, sigmoidOf } from '../internal/scalars.ts';

/** The options of `silu`. */
export interface SiluOptions {
  /** β, the steepness of the gate. Default 1. */
  readonly beta?: number;
}

const swish = elementwise({
  name: 'silu',
  f: (x, beta) => damped(x, sigmoidOf(beta * x)),
  df: (x, _y, beta) => {
    const s = sigmoidOf(beta * x);
    return s + damped(beta * x, s * (1 - s));
  },
});

/**
 * SiLU, the sigmoid linear unit; with β ≠ 1 it is called Swish.
 *
 *   y = x·σ(βx)        y′ = s + βx·s(1 − s),  s = σ(βx)
 *
 * Smooth, non-monotonic (for β = 1, minimum −0.278 at x ≈ −1.278), bounded below. β → ∞ gives ReLU, β = 0
 * gives x/2, and β = 1.702 the sigmoid form of GELU. EfficientNet uses it; LLaMA's feed-forward gates with it
 * (see swiglu).
 *
 * Elfwing, Uchibe & Doya, arXiv:1702.03118; Ramachandran, Zoph & Le, "Searching for Activation Functions",
 * arXiv:1710.05941
 */
export function silu(x: Tensor, options: SiluOptions = {}): Tensor {
  const { beta } = withDefaults<Required<SiluOptions>>('silu', options, { beta: 1 });
  checkFinite('silu', { beta });
  return swish(x, beta);
}
