import { defineOp } from '../../autograd/index.ts';
import { kernels } from '../../kernels/index.ts';
import { empty, type Tensor, withDefaults } from '../../tensor/index.ts';
import { drawSeed } from '../internal/dropoutSeed.ts';
import { normalCdf } from '../normalCdf.ts';
import { floats } from '../operands.ts';
import { gelu } from './gelu.ts';

/** The options of an activation that draws random numbers. */
export interface StochasticOptions {
  /** Draws gates at random (true, the default), or takes their expectation, GELU (false). */
  readonly training?: boolean;
}

/** An activation that draws random numbers in training. */
export interface StochasticActivation {
  (x: Tensor, options?: StochasticOptions): Tensor;
  readonly stochastic: true;
}

/**
 * Stochastic GELU: the gate of which GELU is the mean, really drawn. It lets x through or drops it, the
 * latter more often the smaller x is, so that it is activation and dropout in one.
 *
 *   training      y = m ⊙ x,  m ~ Bernoulli(Φ(x))        dx = m ⊙ dy
 *   evaluation    y = x·Φ(x), exact GELU, the mean over m
 *
 * As in dropout, the mask counts as a constant: no gradient flows through its probability. Every call draws
 * one seed from the random stream 'dropout', and each element has a gate of its own. Shapes: y as x. Saved:
 * Φ(x) and the seed.
 *
 * Hendrycks & Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415, §2
 */
export const stochasticGelu: StochasticActivation = Object.assign(
  function stochasticGelu(x: Tensor, options: StochasticOptions = {}): Tensor {
    const { training } = withDefaults<Required<StochasticOptions>>('stochasticGelu', options, {
      training: true,
    });
    return training ? drawn(x) : gelu(x);
  },
  { stochastic: true as const },
);

const drawn = defineOp({
  name: 'stochasticGelu',
  forward(x: Tensor) {
    const probability = normalCdf(x);
    const seed = drawSeed();
    return { output: gated(x, probability, seed), saved: { probability, seed } };
  },
  backward: (dy, { probability, seed }) => [gated(dy, probability, seed)],
});

function gated(x: Tensor, probability: Tensor, seed: number): Tensor {
  const y = empty(x.shape, x.dtype);
  kernels.bernoulliGate(y.memory, floats(x), probability.memory, seed);
  return y;
}
