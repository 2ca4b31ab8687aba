import { check, fail, withDefaults } from '../tensor/index.ts';

export interface WordTokenizerOptions {
  /** Tokens that no text contains, such as '[PAD]' and '[MASK]'; they get the first ids, in this order. Default none. */
  readonly special?: readonly string[];
  /** The special token that stands for words outside the vocabulary. Default: such a word is an error. */
  readonly unknown?: string;
}

/**
 * One token for each word and each punctuation mark. The vocabulary is the special tokens, then the distinct words of a
 * text in code point order, so the same text always gives the same ids.
 *
 * ```ts
 * const tokenizer = WordTokenizer.from('Adam ran home.', { special: ['[PAD]'] });    // [PAD] . Adam home ran
 * tokenizer.encode('Adam ran.');                                                   // Int32Array [2, 4, 1]
 * tokenizer.decode([2, 4, 1]);                                                     // 'Adam ran.'
 * ```
 */
export class WordTokenizer {
  readonly #words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number | null;

  private constructor(words: readonly string[], unknown: string | null) {
    this.#words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.#unknown = unknown === null ? null : this.id(unknown);
  }

  /** The tokenizer whose vocabulary is the words of `text` after the special tokens. */
  static from(text: string, options: WordTokenizerOptions = {}): WordTokenizer {
    const { special, unknown } = withDefaults<Options>('WordTokenizer.from', options, { special: [], unknown: null });
    const words = [...new Set(wordsOf(text))].sort(byCodePoint);
    check(words.length > 0, 'WordTokenizer.from', 'the text has at least one word', () => JSON.stringify(text));
    const readable = special.find((token) => wordsOf(token).length < 2);
    check(
      readable === undefined,
      'WordTokenizer.from',
      'no text contains a special token',
      () => JSON.stringify(readable),
      () => 'put it in brackets, as in "[PAD]"',
    );
    check(
      unknown === null || special.includes(unknown),
      'WordTokenizer.from',
      'what stands for unknown words is one of the special tokens',
      () => JSON.stringify(unknown),
    );
    check(new Set(special).size === special.length, 'WordTokenizer.from', 'special tokens are distinct', () =>
      special.join(' '),
    );
    return new WordTokenizer([...special, ...words], unknown);
  }

  get vocabSize(): number {
    return this.#words.length;
  }

  /** The id of one word or special token. */
  id(word: string): number {
    return (
      this.#ids.get(word) ??
      fail(
        'WordTokenizer',
        'every word is in the vocabulary',
        JSON.stringify(word),
        'name a special token that stands for unknown words: { special: ["[UNK]"], unknown: "[UNK]" }',
      )
    );
  }

  encode(text: string): Int32Array {
    return Int32Array.from(wordsOf(text), (word) => this.#ids.get(word) ?? this.#unknown ?? this.id(word));
  }

  /** The words with single spaces between them, but for those before a punctuation mark. */
  decode(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) {
      const word =
        this.#words[id] ??
        fail('WordTokenizer.decode', `ids are whole numbers from 0 to ${this.vocabSize - 1}`, `${id}`);
      text += text === '' || /^[.,;:!?)]$/.test(word) ? word : ` ${word}`;
    }
    return text;
  }
}

/** null: unknown words are errors. */
type Options = { readonly special: readonly string[]; readonly unknown: string | null };

/** Which of two distinct words comes first. Sorting by UTF-16 units would put emoji before some letters. */
function byCodePoint(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((character, i) => character !== y[i]);
  return at === -1 ? -1 : x[at]!.codePointAt(0)! - (y[at]?.codePointAt(0) ?? -1);
}

/** Runs of letters, digits and apostrophes, and every other visible character on its own. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}'’]+|[^\s\p{L}\p{M}\p{N}'’]/gu) ?? [];
}
