import type { FloatArray } from '../../tensor/index.ts';
import type { LionStep } from '../contract.ts';

/**
 * One step of Lion for one parameter, element by element. `parameter` and `m` are inputs and outputs, changed
 * in place; `gradient` is read only. All three have the same length.
 *
 *   w ← w − lr·(sign(β₁m + (1 − β₁)g) + λw)        m ← β₂m + (1 − β₂)g
 */
export function lion(parameter: FloatArray, m: FloatArray, gradient: FloatArray, step: LionStep): void {
  const { lr, beta1, beta2, weightDecay } = step;
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    const direction = Math.sign(beta1 * m[i]! + (1 - beta1) * g);
    parameter[i]! -= lr * (direction + weightDecay * parameter[i]!);
    m[i] = beta2 * m[i]! + (1 - beta2) * g;
  }
}
