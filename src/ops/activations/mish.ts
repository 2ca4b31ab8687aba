import { elementwise } from '../elementwise.ts';
import { damped, sigmoidOf, softplusOf } from '../internal/scalars.ts';

/**
 * Mish.
 *
 *   y = x·t,  t = tanh(log(1 + eˣ))        y′ = t + x·(1 − t²)·σ(x)
 *
 * Smooth, non-monotonic (minimum −0.309 at x ≈ −1.192), bounded below. YOLOv4 uses it.
 *
 * Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681
 */
export const mish = elementwise({
  name: 'mish',
  f: (x) => damped(x, Math.tanh(softplusOf(x))),
  df: (x) => {
    const t = Math.tanh(softplusOf(x));
    return t + damped(x, (1 - t * t) * sigmoidOf(x));
  },
});
