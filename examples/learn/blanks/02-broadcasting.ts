// Lesson 02: what backward does where forward has stretched a tensor. Fill in the blank.

import type { Tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/**
 * Sums a gradient over every axis along which its input was stretched, down to the shape of that input.
 *
 * x.sum(0) sums over axis 0, which goes away; with { keepDims: true } it stays, with length 1.
 */
export function unbroadcast(gradient: Tensor, shape: readonly number[]): Tensor {
  return blank('a tensor of this shape: the sums over new axes and over stretched ones', gradient, shape);
}
