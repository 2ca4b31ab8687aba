import type { FloatArray } from '../../tensor/index.ts';
import type { AdamWStep } from '../contract.ts';

/**
 * One step of AdamW for one parameter, element by element. `parameter`, `m` and `v` are inputs and outputs:
 * all three are changed in place. `gradient` is read only. All four have the same length.
 *
 *   m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  w ← (1 − lr·λ)·w − lr·m̂/(√v̂ + ε)
 *   m̂ = m/c₁,  v̂ = v/c₂,  with the bias corrections c₁ = 1 − β₁ᵗ and c₂ = 1 − β₂ᵗ (docs/derivations.md)
 *
 * m starts at 0, so in the first steps it is too small by the factor c₁, and v by c₂. Only √v is used, and
 * √v̂ = √v/√c₂: √c₂ is taken once for all elements, and the division comes before ε is added, so that ε means
 * the same in every step.
 */
export function adamW(
  parameter: FloatArray,
  m: FloatArray,
  v: FloatArray,
  gradient: FloatArray,
  step: AdamWStep,
): void {
  const { lr, beta1, beta2, eps, weightDecay, correction1, correction2 } = step;
  // What does not depend on the element is computed once: the decay, lr/c₁ and √c₂.
  const keep = 1 - lr * weightDecay;
  const stepSize = lr / correction1;
  const rootCorrection2 = Math.sqrt(correction2);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    const m1 = beta1 * m[i]! + (1 - beta1) * g;
    const v1 = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = m1;
    v[i] = v1;
    // the decay does not pass through m and v: every weight shrinks by the same factor
    parameter[i] = keep * parameter[i]! - (stepSize * m1) / (Math.sqrt(v1) / rootCorrection2 + eps);
  }
}
