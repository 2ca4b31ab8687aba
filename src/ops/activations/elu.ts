import { checkFinite, type Tensor, withDefaults } from '../../tensor/index.ts';
import { elementwise } from '../elementwise.ts';

/** The options of `elu`. */
export interface EluOptions {
  /** α: y tends to −α as x goes to −∞. Default 1. */
  readonly alpha?: number;
}

const exponential = elementwise({
  name: 'elu',
  f: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)),
  df: (x, _y, alpha) => (x > 0 ? 1 : alpha * Math.exp(x)),
});

/**
 * ELU, the exponential linear unit.
 *
 *   y = x for x > 0, else α(eˣ − 1)        y′ = 1 for x > 0, else α·eˣ
 *
 * Monotonic for α ≥ 0, bounded below by −α, smooth at 0 for α = 1 only (the default). `expm1` keeps the
 * digits near 0.
 *
 * Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units",
 * arXiv:1511.07289
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  const { alpha } = withDefaults<Required<EluOptions>>('elu', options, { alpha: 1 });
  checkFinite('elu', { alpha });
  return exponential(x, alpha);
}
