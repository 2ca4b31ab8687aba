import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { checkProbability, drawSeed } from './internal/dropoutSeed.ts';
import { floats } from './operands.ts';

/**
 * Zeroes each element with probability p and scales the others by 1/(1 − p), so that the expectation stays.
 *
 *   y = m ⊙ x/(1 − p),  m ~ Bernoulli(1 − p)        dx = m ⊙ dy/(1 − p)
 *
 * Shapes: y as x; 0 ≤ p < 1. Every call draws one seed from the random stream 'dropout'. The mask is a
 * function of seed and position, so it is not stored: backward asks for it again. Saved: the seed.
 *
 * Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014)
 */
export const dropout = defineOp({
  name: 'dropout',
  forward(x: Tensor, p: number) {
    checkProbability('dropout', p);
    const seed = drawSeed();
    return { output: masked(x, p, seed), saved: { p, seed } };
  },
  backward: (dy, { p, seed }) => [masked(dy, p, seed)],
});

function masked(x: Tensor, p: number, seed: number): Tensor {
  const y = empty(x.shape, x.dtype);
  kernels.dropout(y.memory, floats(x), p, seed);
  return y;
}
