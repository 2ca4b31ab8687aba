/** How BERT cleans a text and cuts it into words. */

/** What is done to a text first. */
export interface BertTextOptions {
  /** Whether capital letters become small ones, as the "uncased" models want. Default true. */
  readonly lowercase?: boolean;
  /** Whether accents are left out: é → e. Default what `lowercase` is. */
  readonly stripAccents?: boolean | undefined;
  /** Whether each Chinese character is a word. Default true. */
  readonly chineseCharacters?: boolean;
}

/** The blocks of CJK ideographs that BERT names; kana and Hangul are written in words. */
const ideograph = new RegExp(
  `[${[
    String.raw`\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}`,
    String.raw`\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}`,
  ].join('')}]`,
  'gu',
);

/** Control characters, those for formatting and for private use, and U+FFFD; but no tab and no line break. */
const invisible = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;

/**
 * A punctuation mark (also $, +, <, =, >, ^, `, | and ~, which Unicode counts among symbols), or a run of
 * others.
 */
const word = /[!-/:-@[-`{-~\p{P}]|[^\p{White_Space}!-/:-@[-`{-~\p{P}]+/gu;

/** The words of a text, each punctuation mark one of its own. */
export function bertWords(text: string, options: Required<BertTextOptions>): string[] {
  const { lowercase, stripAccents = lowercase, chineseCharacters } = options;
  let clean = text.replace(invisible, '');
  if (chineseCharacters) clean = clean.replace(ideograph, ' $& ');
  if (stripAccents) clean = clean.normalize('NFD').replace(/\p{Mn}/gu, '');
  // Letter by letter, as Hugging Face does: at the end of a word Σ would become ς.
  if (lowercase) clean = clean.replaceAll('Σ', 'σ').toLowerCase();
  return clean.match(word) ?? [];
}
