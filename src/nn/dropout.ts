import { dropout } from '../ops/index.ts';
import { check, display, type Tensor } from '../tensor/index.ts';
import { Module } from './module.ts';

/**
 * Dropout: in training, zeroes each element with probability p and scales the others by 1/(1 − p), so that
 * the expectation stays; in evaluation, the identity. Numbers come from the random stream 'dropout'.
 *
 * Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014)
 */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    check(p >= 0 && p < 1, 'Dropout', 'p lies in [0, 1)', () => display(p));
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    return this.training && this.p > 0 ? dropout(x, this.p) : x;
  }
}
