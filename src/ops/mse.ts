import { check, sameShape, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { type Reduction, reduceLosses } from './internal/reduceLosses.ts';
import { mul } from './mul.ts';
import { checkTensors } from './operands.ts';
import { sub } from './sub.ts';

/** The options of `mse`. */
export interface MseOptions {
  /** The result: the 'mean' of the losses (default), their 'sum', or 'none': each of them. */
  readonly reduction?: Reduction;
}

/**
 * Mean squared error, (prediction − target)², averaged over all elements.
 *
 * Shapes: prediction and target have one shape; they do not broadcast, for (N, 1) against (N) would silently
 * compare all pairs. Result (), or that shape for reduction 'none'. Both arguments get gradients.
 */
export function mse(prediction: Tensor, target: Tensor, options: MseOptions = {}): Tensor {
  const { reduction } = withDefaults<Required<MseOptions>>('mse', options, { reduction: 'mean' });
  checkTensors({ 'the prediction': prediction, 'the target': target }, {}, 'mse');
  check(
    sameShape(prediction.shape, target.shape),
    'mse',
    'prediction and target have one shape',
    () => `${show(prediction.shape)} and ${show(target.shape)}`,
  );
  const error = sub(prediction, target);
  return reduceLosses('mse', mul(error, error), reduction);
}
