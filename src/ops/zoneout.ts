import { type Tensor, withDefaults } from '../tensor/index.ts';
import { add } from './add.ts';
import { dropout } from './dropout.ts';
import { checkProbability } from './internal/dropoutSeed.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** The options of `zoneout`. */
export interface ZoneoutOptions {
  /** Draws choices at random (true, the default), or takes their expectation (false). */
  readonly training?: boolean;
}

/**
 * Lets each element of a recurrent state keep its previous value with probability p, instead of taking the
 * new one x: dropout of the change. Where dropout breaks the path to the past, zoneout is the identity along
 * it.
 *
 *   training:    y = m ⊙ x + (1 − m) ⊙ previous,  m ~ Bernoulli(1 − p)
 *                dx = m ⊙ dy,  dprevious = (1 − m) ⊙ dy
 *   evaluation:  the expectation, with 1 − p for m
 *
 * (computed as previous + m ⊙ (x − previous), which rounds x where previous is much larger)
 *
 * Shapes: x and previous broadcast; 0 ≤ p < 1. In training every call draws one seed from the random stream
 * 'dropout'.
 *
 * Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations", arXiv:1606.01305
 */
export function zoneout(x: Tensor, previous: Tensor, p: number, options: ZoneoutOptions = {}): Tensor {
  const { training } = withDefaults<Required<ZoneoutOptions>>('zoneout', options, { training: true });
  checkProbability('zoneout', p);
  const change = sub(x, previous);
  return add(previous, mul(training ? dropout(change, p) : change, 1 - p));
}
