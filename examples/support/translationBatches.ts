import { pad } from 'scratchformer/data';
import type { TranslationBatch } from 'scratchformer/models';
import { shuffled } from './shuffled.ts';

/** A sentence and its translation as tokens; both end with the stop token. */
export interface TokenPair {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

export interface SpecialTokens {
  readonly padding: number;
  readonly start: number;
}

/**
 * Inputs of a model and what it is to predict: at each place of the target the next token, from the start
 * token on.
 */
export function translationBatch(pairs: readonly TokenPair[], { padding, start }: SpecialTokens) {
  const sources = pairs.map(({ source }) => source);
  const targets = pairs.map(({ target }) => target);
  const written = targets.map((target) => [start, ...target.slice(0, -1)]);
  const inputs: TranslationBatch = { ...pad(sources, padding), target: pad(written, padding).tokens };
  return { inputs, targets: pad(targets, -100).tokens };
}

/**
 * Batches without end: each epoch in another order, but sentences of one length together, so that little is
 * padding.
 */
export function* batchesByLength(pairs: readonly TokenPair[], batchSize: number, tokens: SpecialTokens) {
  for (;;) {
    const sorted = shuffled(pairs).sort(
      (a, b) => a.source.length - b.source.length || a.target.length - b.target.length,
    );
    const starts = Array.from({ length: Math.ceil(sorted.length / batchSize) }, (_, i) => i * batchSize);
    for (const first of shuffled(starts))
      yield translationBatch(sorted.slice(first, first + batchSize), tokens);
  }
}
