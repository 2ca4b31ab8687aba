import type { FloatArray } from '../../tensor/index.ts';
import { uniform } from './uniform.ts';

/**
 * Dropout: y ← x/(1 − p) where the element survives, else 0. The factor makes up for the dropped ones, so
 * that the mean of y is x.
 * Output: y.
 * Input: x of the same length.
 *
 * There is no backward of its own. forward: y = m ⊙ x/(1 − p), so dx = m ⊙ dy/(1 − p): the same kernel, with
 * the same seed, applied to dy.
 */
export function dropout(y: FloatArray, x: FloatArray, p: number, seed: number): void {
  const factor = 1 / (1 - p);
  for (let i = 0; i < y.length; i++) y[i] = uniform(seed, i) < p ? 0 : x[i]! * factor;
}

/**
 * A gate for each element, open with its own probability: y ← x where it is open, else 0. There is no factor.
 * Output: y.
 * Inputs: x and probability, of the same length; at a probability of NaN the gate is open, and y is x.
 *
 * There is no backward of its own. forward: y = m ⊙ x with m as a constant, so dx = m ⊙ dy: the same kernel,
 * on dy.
 */
export function bernoulliGate(y: FloatArray, x: FloatArray, probability: FloatArray, seed: number): void {
  for (let i = 0; i < y.length; i++) y[i] = uniform(seed, i) >= probability[i]! ? 0 : x[i]!;
}
