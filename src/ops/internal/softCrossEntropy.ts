import { check, sameShape, show, Tensor } from '../../tensor/index.ts';
import { add } from '../add.ts';
import { logSoftmax } from '../logSoftmax.ts';
import { mul } from '../mul.ts';
import { checkSameDtype } from '../operands.ts';
import { neg } from '../sub.ts';
import { sum } from '../sum.ts';

/**
 * Cross entropy of each position between softmax(logits) and a target distribution t over the classes. With
 * class weights w, label smoothing ε and p = softmax(x), it is
 *
 *   −Σ_c u_c·log p_c,   u_c = w_c·((1−ε)·t_c + ε/V)
 *   dx_c = p_c·Σ_k u_k − u_c,   dt_c = −(1−ε)·w_c·log p_c
 *
 * A class that is forbidden, with a logit of −∞, gives NaN even at a target of 0, as in PyTorch.
 *
 * Shapes: logits and targets (…, V), one float type; result (…).
 */
export function softCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { weights, labelSmoothing }: { readonly weights: Tensor | null; readonly labelSmoothing: number },
): Tensor {
  check(
    sameShape(logits.shape, targets.shape),
    'crossEntropy',
    'targets that are probabilities have the shape of the logits',
    () => `logits ${show(logits.shape)} and targets ${show(targets.shape)}`,
  );
  checkSameDtype([logits, targets], 'crossEntropy');
  const V = logits.shape.at(-1)!;
  let u = labelSmoothing === 0 ? targets : add(mul(targets, 1 - labelSmoothing), labelSmoothing / V);
  if (weights) u = mul(u, Tensor.over(weights.toTypedArray(), [V])); // a copy: weights get no gradient
  return neg(sum(mul(u, logSoftmax(logits)), -1));
}
