/** The rules by which byte-level BPE cuts a text into pieces, whose borders no token crosses. */

/** Names of the rules: GPT-2's, and that of GPT-4 (cl100k) and Llama 3. */
export type SplitPattern = 'gpt2' | 'gpt4';

/**
 * As regular expressions. Each finds piece after piece without a gap: letters with the space before them, digits,
 * other signs, white space. \s is written out, since JavaScript's has U+FEFF and lacks U+0085; so are the two
 * cases of endings like 's, one of which is ſ. GPT-4's joins letters to any one sign before them, cuts digits by
 * threes and joins line breaks to what is before them.
 */
export const splitPatterns: Readonly<Record<SplitPattern, RegExp>> = {
  gpt2: /'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  gpt4: /'(?:[stmdſ]|[STMD]|[rR][eE]|[vV][eE]|[lL]{2})|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
};

/** GPT-4's rule as files have it, for other engines of regular expressions. */
export const gpt4Source = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** The pieces of a text, in order, which joined are the text. */
export function* piecesOf(text: string, name: SplitPattern): Generator<string> {
  const pattern = new RegExp(splitPatterns[name]); // with a lastIndex of its own
  for (let start = 0; start < text.length; start = pattern.lastIndex) {
    pattern.test(text);
    yield text.slice(start, pattern.lastIndex);
  }
}
