import { check, display, fail, withDefaults } from '../tensor/index.ts';
import { SpecialTokens } from './specialTokens.ts';
import {
  countUTF8,
  type EncodeOptions,
  streamAll,
  type TextStream,
  type Tokenizer,
  wordStream,
} from './tokenizer.ts';

/** The options of `WordTokenizer`. */
export interface WordTokenizerOptions {
  /**
   * Tokens that no text contains, such as '[PAD]' and '[MASK]'; they get the first ids, in this order.
   * Default none.
   */
  readonly special?: readonly string[];
  /** The special token that stands for words outside the vocabulary. Default: such a word is an error. */
  readonly unknown?: string;
}

/** A `WordTokenizer` as JSON. */
export interface WordTokenizerJSON {
  readonly type: 'word';
  /** The special tokens, which have the first ids, and the words, in the order of their ids. */
  readonly special: readonly string[];
  readonly words: readonly string[];
  /** The special token that stands for unknown words. */
  readonly unknown: string | null;
}

/**
 * One token for each word and each punctuation mark. The vocabulary is the special tokens, then the distinct
 * words of a text in code point order, so the same text always gives the same ids.
 *
 * ```ts
 * const tokenizer = WordTokenizer.from('Adam ran home.', { special: ['[PAD]'] });    // [PAD] . Adam home ran
 * tokenizer.encode('Adam ran.');                                                   // Int32Array [2, 4, 1]
 * tokenizer.decode([2, 4, 1]);                                                     // 'Adam ran.'
 * ```
 */
export class WordTokenizer implements Tokenizer {
  readonly #parts: Omit<WordTokenizerJSON, 'type'>;
  readonly #words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number | null;
  readonly #special: SpecialTokens;

  private constructor(parts: Omit<WordTokenizerJSON, 'type'>) {
    this.#parts = parts;
    this.#words = [...parts.special, ...parts.words];
    this.#ids = new Map(this.#words.map((word, id) => [word, id]));
    this.#unknown = parts.unknown === null ? null : this.id(parts.unknown);
    this.#special = new SpecialTokens('WordTokenizer', new Map(parts.special.map((name, id) => [name, id])));
  }

  /** The tokenizer whose vocabulary is the words of `text` after the special tokens. */
  static from(text: string, options: WordTokenizerOptions = {}): WordTokenizer {
    const { special, unknown } = withDefaults<Options>('WordTokenizer.from', options, {
      special: [],
      unknown: null,
    });
    check(typeof text === 'string', 'WordTokenizer.from', 'the text is a string', () => display(text));
    const words = [...new Set(wordsOf(text))].sort(byCodePoint);
    check(words.length > 0, 'WordTokenizer.from', 'the text has at least one word', () =>
      JSON.stringify(text),
    );
    checkSpecial('WordTokenizer.from', special, unknown);
    return new WordTokenizer({ special: [...special], words, unknown });
  }

  /** Plain data for a file: `JSON.stringify(tokenizer)` calls it. */
  toJSON(): WordTokenizerJSON {
    return { type: 'word', ...this.#parts };
  }

  /** The tokenizer that wrote `json` (parsed). */
  static fromJSON(json: unknown): WordTokenizer {
    const where = 'WordTokenizer.fromJSON';
    const { type, special, words, unknown } = (json ?? {}) as Partial<WordTokenizerJSON>;
    check(
      type === 'word' &&
        Array.isArray(special) &&
        Array.isArray(words) &&
        words.length > 0 &&
        unknown !== undefined,
      where,
      "the object is { type: 'word', special: ['[PAD]', …], words: ['a', …], unknown: null }",
      () => display(json),
    );
    checkSpecial(where, special, unknown);
    const seen = new Set<unknown>();
    const odd = words.find((word) => !isWord(word) || seen.size === seen.add(word).size);
    check(odd === undefined, where, 'words are single and distinct', () => display(odd));
    return new WordTokenizer({ special: [...special], words: [...words], unknown });
  }

  get vocabSize(): number {
    return this.#words.length;
  }

  get specialTokens(): ReadonlyMap<string, number> {
    return this.#special.ids;
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

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const idOf = (word: string) => this.#ids.get(word) ?? this.#unknown ?? this.id(word);
    const parts = this.#special.split('WordTokenizer.encode', text, options);
    const ids = parts.map((part) => (typeof part === 'number' ? [part] : wordsOf(part).map(idOf)));
    return Int32Array.from(ids.flat());
  }

  /** The words with single spaces between them, but for those before a punctuation mark. */
  decode(ids: Iterable<number>): string {
    return streamAll(this.stream(), ids);
  }

  /** With the space that `decode` writes before a word; other spaces, and what is unknown, count for nothing. */
  countBytes(ids: Iterable<number>): number {
    return this.#special.sumOthers(ids, (id) => countUTF8(this.#written(id)));
  }

  stream(): TextStream {
    return wordStream(
      (id) => this.#word(id),
      (id) => this.#written(id),
    );
  }

  /** The word with the space before it, if one is written. */
  #written(id: number): string {
    const word = this.#word(id);
    return /^[.,;:!?)]$/.test(word) ? word : ` ${word}`;
  }

  #word(id: number): string {
    return (
      this.#words[id] ??
      fail('WordTokenizer.decode', `ids are whole numbers from 0 to ${this.vocabSize - 1}`, `${id}`)
    );
  }
}

/** null: unknown words are errors. */
type Options = { readonly special: readonly string[]; readonly unknown: string | null };

function checkSpecial(where: string, special: readonly string[], unknown: string | null): void {
  const areStrings = Array.isArray(special) && special.every((token) => typeof token === 'string');
  check(areStrings, where, 'special tokens are a list of strings', () => display(special));
  const readable = special.find((token) => wordsOf(token).length < 2);
  check(
    readable === undefined,
    where,
    'no text contains a special token',
    () => JSON.stringify(readable),
    () => 'put it in brackets, as in "[PAD]"',
  );
  check(
    unknown === null || special.includes(unknown),
    where,
    'what stands for unknown words is one of the special tokens',
    () => display(unknown),
  );
  check(new Set(special).size === special.length, where, 'special tokens are distinct', () =>
    special.join(' '),
  );
}

function isWord(word: unknown): boolean {
  return typeof word === 'string' && wordsOf(word).length === 1 && wordsOf(word)[0] === word;
}

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
