// Lesson 04: from scores to a loss, and back. Fill in the two blanks.

import { defineOp, type Tensor, tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/** 1 at the class of each row, 0 elsewhere: targets (N) → (N, V). */
function oneHot(targets: Tensor, like: Tensor): Tensor {
  const classes = [...targets.toTypedArray()];
  const rows = classes.map((y) => Array.from({ length: like.shape[1]! }, (_, c) => (c === y ? 1 : 0)));
  return tensor(rows, { dtype: like.dtype });
}

/** The mean loss −log p of the target classes: logits (N, V), targets (N) → one number. */
export const crossEntropy = defineOp({
  name: 'myCrossEntropy',
  forward(logits: Tensor, targets: Tensor): { output: Tensor; saved: { p: Tensor; target: Tensor } } {
    const target = oneHot(targets, logits);
    // Useful: x.max(-1, { keepDims: true }), x.exp(), x.log(), x.sum(-1), x.mean(), a.sub(b), a.mul(b), a.div(b)
    return blank('the mean of log Σ exp(x) − x_y, and for later p = softmax(x)', logits, target);
  },
  backward(dy, { p, target }): [dlogits: Tensor, dtargets: null] {
    return blank('dlogits, from p and target; targets are no numbers to differentiate: null', dy, p, target);
  },
});
