import { check, type Tensor, withDefaults } from '../tensor/index.ts';
import { div } from './div.ts';
import { reducedCount } from './internal/reducedCount.ts';
import { mul } from './mul.ts';
import { checkFloat } from './operands.ts';
import { sub } from './sub.ts';
import { type ReduceOptions, sum } from './sum.ts';

type Axes = number | readonly number[];

/**
 * Average over one axis, several, or (by default) all. Averaging zero elements is an error.
 *
 *   y = Σ x / n        dx = dy / n, stretched over the n averaged elements
 */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { keepDims } = withDefaults<Required<ReduceOptions>>('mean', options, { keepDims: false });
  checkFloat(x, 'mean');
  const count = reducedCount('mean', x.shape, axes);
  return div(sum(x, axes, { keepDims }), count);
}

/** The options of `variance`. */
export interface VarianceOptions extends ReduceOptions {
  /** Number taken off n: 1 (default, Bessel's) for an unbiased estimate, 0 for the mean squared deviation. */
  readonly correction?: number;
}

/**
 * Variance over one axis, several, or (by default) all; the mean is taken off twice, so that a large one
 * costs no digits.
 *
 *   y = Σ (x − μ)² / (n − correction)        dx = dy ⊙ 2(x − μ) / (n − correction)
 */
export function variance(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const defaults = { correction: 1, keepDims: false };
  const { correction, keepDims } = withDefaults<Required<VarianceOptions>>('variance', options, defaults);
  const count = reducedCount('variance', x.shape, axes);
  check(
    count > correction,
    'variance',
    'more elements are reduced than the correction subtracts',
    () => `${count} with correction ${correction}`,
    () => 'pass { correction: 0 } for the mean squared deviation',
  );
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  // a large mean was rounded: this takes off what it missed
  const deviation = sub(centred, mean(centred, axes, { keepDims: true }));
  // divided first: the sum of the squares may overflow where the variance does not
  return sum(mul(deviation, div(deviation, count - correction)), axes, { keepDims });
}
