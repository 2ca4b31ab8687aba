import { check, show, type Tensor } from '../../tensor/index.ts';
import { add } from '../add.ts';
import { elementwise } from '../elementwise.ts';
import { mul } from '../mul.ts';
import { checkTensors } from '../operands.ts';
import { relu } from './relu.ts';

/** The negative part min(0, x); at 0, where relu has slope 0, it has slope 1. */
const negativePart = elementwise({
  name: 'prelu',
  f: (x) => Math.min(0, x),
  df: (x) => (x > 0 ? 0 : 1),
});

/**
 * PReLU: a leaky ReLU that learns its slope.
 *
 *   y = max(0, x) + w·min(0, x)        dx = dy for x > 0, else w·dy        dw = Σ dy·min(0, x)
 *
 * Shapes: weight w () or (1), one slope for all, or (C), one for each channel of the last axis of x (…, C).
 * (PyTorch counts channels along axis 1; the last axis is the channel axis everywhere here.)
 * Monotonic for w ≥ 0, not smooth at 0. He et al. used it to pass human accuracy on ImageNet.
 *
 * He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", arXiv:1502.01852
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  checkTensors({ x, 'the weight': weight }, {}, 'prelu');
  check(
    weight.rank <= 1 && (weight.size === 1 || weight.size === x.shape.at(-1)),
    'prelu',
    'the weight is one value, or one for each channel of the last axis',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  return add(relu(x), mul(weight, negativePart(x)));
}
