import { check, suggest, type Tensor } from '../../tensor/index.ts';
import { mul } from '../mul.ts';
import { sum } from '../sum.ts';

/** The result of a loss function: the mean of the losses, their sum, or each of them. */
export type Reduction = 'mean' | 'sum' | 'none';

/**
 * Reduces the losses to their mean or sum, or returns each of them.
 * @param weight divisor of the mean: the number of losses, or the sum of their weights
 */
export function reduceLosses(
  where: string,
  losses: Tensor,
  reduction: Reduction,
  weight = losses.size,
): Tensor {
  check(
    ['mean', 'sum', 'none'].includes(reduction),
    where,
    'reduction is known',
    () => `"${reduction}"`,
    () => suggest(reduction, ['mean', 'sum', 'none']),
  );
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? sum(losses) : mul(sum(losses), 1 / weight);
}
