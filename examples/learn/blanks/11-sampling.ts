// Lesson 11: from the logits of the next token to a distribution to draw it from. Fill in the blank.

import type { FloatArray } from 'scratchformer';
import { blank } from '../support/blank.ts';

export interface Options {
  /** Divisor of the logits, > 0. */
  readonly temperature: number;
  /** Number of tokens that remain, the most probable ones; Infinity: all. */
  readonly topK: number;
  /** Probability p: the smallest set of most probable tokens that sum to at least p remains; 1: all. */
  readonly topP: number;
}

/** softmax(logits/temperature), cut down by top-k, then by top-p of what that leaves; the rest sums to 1. */
export function tokenDistribution(logits: FloatArray, { temperature, topK, topP }: Options): Float64Array {
  return blank('one probability for each token', logits, temperature, topK, topP);
}

/** Draws an index with these probabilities; `random()` gives a number in [0, 1). */
export function sampleIndex(probabilities: Float64Array, random: () => number): number {
  return blank('an index, each with its probability', probabilities, random);
}
