/** The rules by which byte-level BPE cuts a text into pieces, whose borders no token crosses. */

/** Names of the rules: GPT-2's, and that of GPT-4 (cl100k) and Llama 3. */
export type SplitPattern = 'gpt2' | 'gpt4';

const raw = String.raw;

/** All but the endings like 's, whose case other engines of regular expressions can ignore by (?i:…). */
const gpt4Rest = [
  raw`[^\r\n\p{L}\p{N}]?\p{L}+`, // letters, with any one sign before them
  raw`\p{N}{1,3}`, // digits by threes
  raw` ?[^\s\p{L}\p{N}]+[\r\n]*`, // signs, with line breaks
  raw`\s*[\r\n]+`, // white space up to a line break
  raw`\s+(?!\S)`, // other white space, but for the last before a word
  raw`\s+`,
];

/** GPT-4's rule as files have it. */
export const gpt4Source = ["(?i:'s|'t|'re|'ve|'m|'ll|'d)", ...gpt4Rest].join('|');

/** The rules as regular expressions, each of which finds piece after piece without a gap. */
export const splitPatterns: Readonly<Record<SplitPattern, RegExp>> = {
  gpt2: compile([
    raw`'(?:[stmd]|re|ve|ll)`, // English endings, as in it's and we'll
    raw` ?\p{L}+`, // letters, with the space before them
    raw` ?\p{N}+`, // digits
    raw` ?[^\s\p{L}\p{N}]+`, // other signs
    raw`\s+(?!\S)`, // white space, but for the last before a word
    raw`\s+`,
  ]),
  gpt4: compile(["'(?:[sSſtTmMdD]|[rR][eE]|[vV][eE]|[lL]{2})", ...gpt4Rest]), // ſ is a small S
};

/** With Unicode's white space, where \s of JavaScript has U+FEFF and lacks U+0085. */
function compile(alternatives: readonly string[]): RegExp {
  const source = alternatives.join('|').replaceAll(raw`\s`, raw`\p{White_Space}`);
  return new RegExp(source.replaceAll(raw`\S`, raw`\P{White_Space}`), 'gu');
}

/** The pieces of a text, in order, which joined are the text. */
export function* piecesOf(text: string, name: SplitPattern): Generator<string> {
  const pattern = new RegExp(splitPatterns[name]); // with a lastIndex of its own
  for (let start = 0; start < text.length; start = pattern.lastIndex) {
    pattern.test(text);
    yield text.slice(start, pattern.lastIndex);
  }
}
