// Lesson 01: a derivative, measured and computed. Fill in the two blanks.

import { defineOp, mul, type Tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/** The slope of f at x, by a central difference: f is asked on both sides of x, eps away. */
export function slope(f: (x: number) => number, x: number, eps: number): number {
  return blank('the slope of f at x, from f(x + eps) and f(x − eps)', f, x, eps);
}

/** y = x², with its backward. Tensors have methods: a.mul(b) is a ⊙ b, and b may be a number. */
export const square = defineOp({
  name: 'mySquare',
  forward: (x: Tensor) => ({ output: mul(x, x), saved: { x } }),
  backward(dy, { x }): [dx: Tensor] {
    return blank('dx = dL/dx, from dy = dL/dy and x', dy, x);
  },
});
