import { check, sameShape, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { softplus } from './activations/softplus.ts';
import { add } from './add.ts';
import { type Reduction, reduceLosses } from './internal/reduceLosses.ts';
import { mul } from './mul.ts';
import { neg, sub } from './sub.ts';

/** The options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyOptions {
  /** The result: the 'mean' of the losses (default), their 'sum', or 'none': each of them. */
  readonly reduction?: Reduction;
  /**
   * Weight of the positive term, a number or a tensor that broadcasts to the logits
   * (one for each label, say). Default 1.
   */
  readonly positiveWeight?: Tensor | number;
}

/**
 * Cross entropy of independent yes/no labels, from raw scores x and targets t in [0, 1]. With weight w,
 *
 *   −w·t·log σ(x) − (1 − t)·log(1 − σ(x)) = w·t·softplus(−x) + (1 − t)·softplus(x)
 *
 * The right side takes no logarithm of a probability that may round to 0, and subtracts nothing large: it
 * neither overflows nor loses the tails.
 *
 * Shapes: logits and targets have one shape. Result (), or that shape for reduction 'none'.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const where = 'binaryCrossEntropyWithLogits';
  const { reduction, positiveWeight } = withDefaults<Required<BinaryCrossEntropyOptions>>(where, options, {
    reduction: 'mean',
    positiveWeight: 1,
  });
  check(
    sameShape(logits.shape, targets.shape),
    where,
    'logits and targets have one shape',
    () => `${show(logits.shape)} and ${show(targets.shape)}`,
  );
  const positive = mul(mul(targets, positiveWeight), softplus(neg(logits)));
  const negative = mul(sub(1, targets), softplus(logits));
  return reduceLosses(where, add(positive, negative), reduction);
}
