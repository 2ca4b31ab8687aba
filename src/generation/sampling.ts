/** Drawing the next token from the logits of a language model: plain numbers, nothing differentiated. */
import { check, type FloatArray, type RandomStream, withDefaults } from '../tensor/index.ts';

/** The options that shape the distribution of the next token. */
export interface SamplingOptions {
  /**
   * Divisor of the logits: below 1 sharpens, above 1 flattens; 0 takes the most probable token. Default 1.
   */
  readonly temperature?: number;
  /** Number of tokens that remain: the most probable, and what ties with the last of them. Default: all. */
  readonly topK?: number;
  /**
   * Probability p that remains: of the smallest set of most probable tokens that sum to at least p, of equals
   * the first. Default 1: all.
   */
  readonly topP?: number;
}

/**
 * The distribution to draw the next token from: softmax(logits/temperature), cut down by top-k, then by top-p
 * of what that leaves, and normalized again.
 *
 * Top-k: Fan et al., arXiv:1805.04833. Top-p (nucleus): Holtzman et al., arXiv:1904.09751
 */
export function tokenDistribution(logits: FloatArray, options: SamplingOptions = {}): Float64Array {
  const { temperature, topK, topP } = withDefaults<Required<SamplingOptions>>('sampling', options, {
    temperature: 1,
    topK: Number.POSITIVE_INFINITY,
    topP: 1,
  });
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

/** Checks the options of sampling; `where` starts the error. */
export function checkSampling(where: string, { temperature, topK, topP }: Required<SamplingOptions>): void {
  check(
    temperature >= 0 && temperature < Number.POSITIVE_INFINITY,
    where,
    'temperature ≥ 0',
    () => `${temperature}`,
  );
  check(
    topK >= 1 && (Number.isInteger(topK) || topK === Number.POSITIVE_INFINITY),
    where,
    'topK is a whole number ≥ 1',
    () => `${topK}`,
  );
  check(topP > 0 && topP <= 1, where, 'topP lies in (0, 1]', () => `${topP}`);
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
