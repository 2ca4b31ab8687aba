import { check, suggest, type Tensor, withDefaults } from '../../tensor/index.ts';
import { elementwise } from '../elementwise.ts';
import { mul } from '../mul.ts';
import { normalCdfOf, normalDensityOf } from '../normalCdf.ts';
import { relu } from './relu.ts';

/** The options of `gelu`. */
export interface GeluOptions {
  /**
   * The formula. 'none' (default): exact, by erf · 'tanh': Google's BERT and GPT-2 · 'sigmoid': the fastest
   * and coarsest
   */
  readonly approximate?: 'none' | 'tanh' | 'sigmoid';
  /** σ ≥ 0, the width of the gate. Default 1; 0 is ReLU. */
  readonly sigma?: number;
}

const exact = elementwise({
  name: 'gelu',
  f: (x) => x * normalCdfOf(x),
  df: (x) => normalCdfOf(x) + x * normalDensityOf(x),
});

const C = Math.sqrt(2 / Math.PI);
const A = 0.044715;

/** GELU by tanh, under a name of its own: the activation of Google's BERT and of GPT-2. */
export const geluTanh = elementwise({
  name: 'geluTanh',
  f: (x) => 0.5 * x * (1 + Math.tanh(C * (x + A * x ** 3))),
  df: (x) => {
    const t = Math.tanh(C * (x + A * x ** 3));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * C * (1 + 3 * A * x * x);
  },
});

const sigmoid = elementwise({
  name: 'geluSigmoid',
  f: (x) => x / (1 + Math.exp(-1.702 * x)),
  df: (x) => {
    const s = 1 / (1 + Math.exp(-1.702 * x));
    return s + 1.702 * x * s * (1 - s);
  },
});

/** Width σ below which GELU is ReLU to 20 digits, and 1/σ might overflow. */
const NARROW = 1e-20;

const variants = { none: exact, tanh: geluTanh, sigmoid };

/**
 * GELU, the Gaussian error linear unit: x times the probability that a standard normal number lies below it.
 *
 *   exact     y = x·Φ(x),  Φ(x) = ½(1 + erf(x/√2))                y′ = Φ(x) + x·φ(x),  φ(x) = e^(−x²/2)/√(2π)
 *   tanh      y = ½x(1 + tanh u),  u = √(2/π)(x + 0.044715x³)     y′ = ½(1 + tanh u) + ½x(1 − tanh²u)·u′
 *   sigmoid   y = x·σ(1.702x)                                     y′ = σ + 1.702x·σ(1 − σ)
 *
 * It is the expectation of x·m for a stochastic gate m ~ Bernoulli(Φ(x)): an input is dropped more often the
 * smaller it is. Smooth, non-monotonic (minimum −0.17 at x ≈ −0.75), bounded below. BERT, GPT and ViT use it.
 *
 * A gate of another width, Bernoulli(Φ(x/σ)), gives x·Φ(x/σ) = σ·gelu(x/σ): the same curve, scaled. The
 * narrower the gate, the harder it decides; σ → 0 is ReLU, and σ → ∞ is x/2.
 *
 * Hendrycks & Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate, sigma } = withDefaults<Required<GeluOptions>>('gelu', options, {
    approximate: 'none',
    sigma: 1,
  });
  check(
    approximate in variants,
    'gelu',
    'approximate is known',
    () => `"${approximate}"`,
    () => suggest(approximate, Object.keys(variants)),
  );
  check(
    sigma >= 0 && sigma < Number.POSITIVE_INFINITY,
    'gelu',
    'sigma is a finite number ≥ 0',
    () => `${sigma}`,
  );
  if (sigma === 1) return variants[approximate](x);
  if (sigma < NARROW) return relu(x);
  return mul(variants[approximate](mul(x, 1 / sigma)), sigma);
}
