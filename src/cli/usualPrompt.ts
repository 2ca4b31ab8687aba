import type { Tokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';

/** The token that GPT-2 and its heirs put between documents. */
export const END_OF_TEXT = '<|endoftext|>';

/**
 * The usual start of a sample, of the tokens of a text: the end of a document, else what most often ends a
 * line, else what most often ends with a space, else the token with the least id.
 */
export function usualPrompt(tokenizer: Tokenizer, tokens: Int32Array): string {
  const counts = new Float64Array(tokenizer.vocabSize);
  for (const id of tokens) counts[id]!++;
  const endOfText = tokenizer.specialTokens.get(END_OF_TEXT);
  if (endOfText !== undefined && counts[endOfText]! > 0) return END_OF_TEXT;
  const used = [...counts.keys()].filter((id) => counts[id]! > 0);
  const texts = used.sort((a, b) => counts[b]! - counts[a]!).map((id) => tokenizer.decode([id]));
  return (
    ['\n', ' '].flatMap((end) => texts.find((text) => text.endsWith(end)) ?? [])[0] ??
    tokenizer.decode([Math.min(...used)])
  );
}

/** The start of samples that a checkpoint names, or the usual one of all tokens of its tokenizer. */
export function savedPrompt({ info }: Checkpoint, tokenizer: Tokenizer): string {
  const { prompt } = info as { prompt?: string };
  return (
    prompt ??
    usualPrompt(
      tokenizer,
      Int32Array.from({ length: tokenizer.vocabSize }, (_, id) => id),
    )
  );
}
