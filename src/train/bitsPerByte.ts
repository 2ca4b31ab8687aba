import { areTokens, type Tokens } from '../data/tokens.ts';
import { check, checkFinite, display } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';

/** Tokens whose bytes are counted at once. */
const CHUNK = 2 ** 16;

/** Bytes of UTF-8 that all tokens but the first stand for: what `evaluateLoss` scores. */
export function scoredBytes(tokens: Tokens, tokenizer: Pick<Tokenizer, 'countBytes'>): number {
  check(areTokens(tokens), 'scoredBytes', 'tokens are an Int32Array', () => display(tokens));
  let bytes = 0;
  for (let start = 1; start < tokens.length; start += CHUNK)
    bytes += tokenizer.countBytes(tokens.subarray(start, Math.min(start + CHUNK, tokens.length)));
  return bytes;
}

/**
 * Bits per byte, (loss · scored tokens) / (ln 2 · their bytes of UTF-8), of the loss in nats per token that
 * `evaluateLoss` gave for the same tokens: a number that compares models with different tokenizers.
 *
 *     const loss = evaluateLoss(model, tokens, { context: 64 });
 *     bitsPerByte(loss, tokens, tokenizer);
 */
export function bitsPerByte(loss: number, tokens: Tokens, tokenizer: Pick<Tokenizer, 'countBytes'>): number {
  checkFinite('bitsPerByte', { loss });
  const bytes = scoredBytes(tokens, tokenizer);
  check(bytes > 0, 'bitsPerByte', 'the tokens after the first stand for at least one byte', () => `${bytes}`);
  return (loss * (tokens.length - 1)) / Math.LN2 / bytes;
}
