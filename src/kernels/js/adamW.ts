import type { FloatArray } from '../../tensor/index.ts';
import type { AdamWStep } from '../contract.ts';

export function adamW(
  parameter: FloatArray,
  m: FloatArray,
  v: FloatArray,
  gradient: FloatArray,
  step: AdamWStep,
): void {
  const { lr, beta1, beta2, eps, weightDecay, correction1, correction2 } = step;
  const keep = 1 - lr * weightDecay;
  const stepSize = lr / correction1;
  const rootCorrection2 = Math.sqrt(correction2);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    const m1 = beta1 * m[i]! + (1 - beta1) * g;
    const v1 = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = m1;
    v[i] = v1;
    parameter[i] = keep * parameter[i]! - (stepSize * m1) / (Math.sqrt(v1) / rootCorrection2 + eps);
  }
}
