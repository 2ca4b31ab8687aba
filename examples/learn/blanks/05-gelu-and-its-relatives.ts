// Lesson 05: two activations and their derivatives, number by number. Fill in the four blanks.

import { elementwise } from 'scratchformer';
import { normalCdfOf, normalDensityOf } from 'scratchformer/ops';
import { blank } from '../support/blank.ts';

// Useful: normalCdfOf(x) is Φ(x), the probability that a standard normal number lies below x;
// normalDensityOf(x) is its derivative φ(x).

/** GELU: x times the probability that its gate is open. */
export const gelu = elementwise({
  name: 'myGelu',
  f: (x: number): number => blank('GELU of x', x, normalCdfOf),
  df: (x: number): number => blank('the derivative of GELU at x: the product rule', x, normalDensityOf),
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** SiLU: the same with the gate of another distribution, σ(x) = 1/(1 + e⁻ˣ), whose derivative is σ(1 − σ). */
export const silu = elementwise({
  name: 'mySilu',
  f: (x: number): number => blank('SiLU of x', x, sigmoid),
  df: (x: number): number => blank('the derivative of SiLU at x', x),
});
