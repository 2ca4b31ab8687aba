import { backward, detectAnomaly } from '../autograd/index.ts';
import type { Parameter } from '../nn/index.ts';
import { InvariantError, type Tensor } from '../tensor/index.ts';

/** Training that cannot go on, because losses or gradients are not finite. */
export class DivergedError extends InvariantError {}

/**
 * Finds, in words, where the numbers of a loss stop being finite: a weight, or the first op whose result or
 * gradient is not finite; null if every number is.
 */
export function findNotFinite(
  parameters: readonly (readonly [name: string, parameter: Parameter])[],
  loss: () => Tensor,
): string | null {
  const bad = parameters.find(([, { data }]) => !data.every(Number.isFinite));
  if (bad) return `the weights ${bad[0]} are not finite`;
  try {
    detectAnomaly(() => backward(loss()), { forward: true });
  } catch (error) {
    if (error instanceof InvariantError) return error.message;
    throw error;
  }
  return null;
}
