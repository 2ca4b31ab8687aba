/** Drawing the next token from the logits of a language model: plain numbers, nothing differentiated. */
import { check, type FloatArray, type RandomStream, withDefaults } from '../tensor/index.ts';
import { checkSampling, type SamplingOptions, samplingDefaults } from './samplingOptions.ts';

export type { SamplingOptions } from './samplingOptions.ts';

/**
 * The distribution to draw the next token from: softmax(logits/temperature), cut down by top-k, then by top-p
 * of what that leaves, and normalized again.
 *
 * Top-k: Fan et al., arXiv:1805.04833. Top-p (nucleus): Holtzman et al., arXiv:1904.09751
 */
export function tokenDistribution(logits: FloatArray, options: SamplingOptions = {}): Float64Array {
  const { temperature, topK, topP } = withDefaults('sampling', options, samplingDefaults);
  checkSampling('sampling', { temperature, topK, topP });
  let top = Number.NEGATIVE_INFINITY;
  for (const logit of logits) top = Math.max(top, logit);
  check(
    Number.isFinite(top),
    'sampling',
    'the best logit is finite',
    () => `${top}`,
    () => 'did training diverge?',
  );
  if (temperature === 0) return normalized(Float64Array.from(logits, (logit) => (logit === top ? 1 : 0)));
  const weights = normalized(Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature)));
  if (topK < weights.length) keepAtLeast(weights, weights.toSorted().at(-topK)!);
  normalized(weights);
  if (topP < 1) keepNucleus(weights, topP);
  return normalized(weights);
}

/** Draws an index with the given probabilities. */
export function sampleIndex(probabilities: Float64Array, random: RandomStream): number {
  let left = random();
  let last = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue;
    last = i;
    left -= probabilities[i]!;
    if (left < 0) break;
  }
  return last; // rounding may leave a trace of probability behind the last one
}

function keepAtLeast(weights: Float64Array, threshold: number): void {
  for (let i = 0; i < weights.length; i++) if (weights[i]! < threshold) weights[i] = 0;
}

/** Zeroes what is not needed for a sum of p, taking the most probable first. */
function keepNucleus(probabilities: Float64Array, p: number): void {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!); // stable
  let total = 0;
  for (const i of order) {
    if (total >= p) probabilities[i] = 0;
    total += probabilities[i]!;
  }
}

/** Scales the weights, in place, to sum to 1. */
function normalized(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) weights[i]! /= total;
  return weights;
}
