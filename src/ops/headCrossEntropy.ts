import type { Tensor } from '../tensor/index.ts';
import { crossEntropy } from './crossEntropy.ts';
import { linear } from './linear.ts';
import { linearCrossEntropy } from './linearCrossEntropy.ts';

/** The options of `headCrossEntropy`. */
export interface HeadCrossEntropyOptions {
  /** Share of each target, in [0, 1], that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** Bias of the head, (V). Default null: none. */
  readonly bias?: Tensor | null;
}

/** The most logits that are all there at once: 4 Mi, in float32 16 MB, and as much again for their gradient. */
const MOST_LOGITS = 2 ** 22;

/**
 * Mean cross entropy of a head, whose logits are x·Wᵀ + b: by `linear` and `crossEntropy`, or, beyond 2²²
 * logits (positions times V), by `linearCrossEntropy`, block by block in little memory. Both compute the same
 * but for rounding. Targets of −100 are left out.
 *
 * Shapes: x (…, C), W (V, C), b (V), int32 targets (…); result ().
 */
export function headCrossEntropy(
  x: Tensor,
  weight: Tensor,
  targets: Tensor,
  options: HeadCrossEntropyOptions = {},
): Tensor {
  const { bias = null, ...rest } = options;
  const count = (x.size / x.shape.at(-1)!) * weight.shape[0]!;
  if (count > MOST_LOGITS) return linearCrossEntropy(x, weight, targets, options);
  return crossEntropy(linear(x, weight, bias), targets, rest);
}
