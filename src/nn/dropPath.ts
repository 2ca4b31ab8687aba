import { dropout, mul } from '../ops/index.ts';
import { check, display, ones, type Tensor } from '../tensor/index.ts';
import { Module } from './module.ts';

/**
 * Drop path (stochastic depth): in training, drops a whole branch for each example of the batch with
 * probability p, and scales the others by 1/(1 − p); in evaluation, the identity. It stands at the end of a
 * residual branch.
 *
 * Shapes: (B, …) → (B, …). Numbers come from the random stream 'dropout'.
 *
 * Huang et al., "Deep Networks with Stochastic Depth", arXiv:1603.09382
 */
export class DropPath extends Module {
  readonly p: number;

  constructor(p = 0.1) {
    super();
    check(p >= 0 && p < 1, 'DropPath', 'p lies in [0, 1)', () => display(p));
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    const factors = dropout(ones([x.shape[0]!, ...x.shape.slice(1).fill(1)], { dtype: x.dtype }), this.p);
    return mul(x, factors);
  }
}
