import { check, display, fail } from '../tensor/index.ts';
import { countUTF8, type TextStream, type Tokenizer } from './tokenizer.ts';

/** A `CharTokenizer` as JSON. */
export interface CharTokenizerJSON {
  readonly type: 'char';
  /** The character of each id. */
  readonly characters: readonly string[];
}

/**
 * One token for each character (Unicode code point: an emoji is one token, not two). The vocabulary is the
 * distinct characters of a text in code point order, so the same text always gives the same ids.
 *
 * ```ts
 * const tokenizer = CharTokenizer.from('hello');    // e h l o
 * tokenizer.encode('hole');                         // Int32Array [1, 3, 2, 0]
 * tokenizer.decode([1, 0, 2, 3]);                   // 'helo'
 * ```
 */
export class CharTokenizer implements Tokenizer {
  readonly #characters: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(characters: readonly string[]) {
    this.#characters = characters;
    this.#ids = new Map(characters.map((character, id) => [character, id]));
  }

  /** The tokenizer whose vocabulary is the characters of `text`. */
  static from(text: string): CharTokenizer {
    check(typeof text === 'string', 'CharTokenizer.from', 'the text is a string', () => display(text));
    check(text !== '', 'CharTokenizer.from', 'the text has at least one character', () => 'an empty text');
    // Not the default order of sort, which compares UTF-16 units and puts emoji before U+E000.
    return new CharTokenizer([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
  }

  get vocabSize(): number {
    return this.#characters.length;
  }

  /** There is none: every token is a character. */
  get specialTokens(): ReadonlyMap<string, number> {
    return new Map();
  }

  /**
   * The id of each character. An Int32Array, because that is the dtype of indices: `tensor(ids)` is an int32
   * tensor and `Tensor.over(ids, shape)` shares the memory.
   */
  encode(text: string): Int32Array {
    check(typeof text === 'string', 'CharTokenizer.encode', 'the text is a string', () => display(text));
    const ids = new Int32Array(text.length);
    let index = 0;
    let count = 0;
    for (const character of text) {
      const id = this.#ids.get(character);
      if (id === undefined) failUnknown(character, index);
      ids[count++] = id;
      index += character.length;
    }
    return ids.subarray(0, count);
  }

  decode(ids: Iterable<number>): string {
    let text = '';
    let index = 0;
    for (const id of ids) {
      const character = this.#characters[id];
      if (character === undefined) failId(id, index, this.vocabSize);
      text += character;
      index++;
    }
    return text;
  }

  stream(): TextStream {
    return { push: (id) => this.decode([id]), end: () => '' };
  }

  countBytes(ids: Iterable<number>): number {
    return countUTF8(this.decode(ids));
  }

  /** The distinct characters of a text that have no token, in the order in which they come. */
  unknownCharacters(text: string): string[] {
    return [...new Set(text)].filter((character) => !this.#ids.has(character));
  }

  /** Plain data for a file: `JSON.stringify(tokenizer)` calls it. */
  toJSON(): CharTokenizerJSON {
    return { type: 'char', characters: this.#characters };
  }

  /** The tokenizer that wrote `json` (parsed). */
  static fromJSON(json: unknown): CharTokenizer {
    const { type, characters } = (json ?? {}) as Partial<CharTokenizerJSON>;
    check(
      type === 'char' && Array.isArray(characters) && characters.length > 0,
      'CharTokenizer.fromJSON',
      "the object is { type: 'char', characters: ['a', …] }",
      () =>
        `type ${JSON.stringify(type)} with ${Array.isArray(characters) ? characters.length : 'no'} characters`,
    );
    const seen = new Set<unknown>();
    const odd = characters.findIndex(
      (entry) => typeof entry !== 'string' || [...entry].length !== 1 || seen.size === seen.add(entry).size,
    );
    check(
      odd === -1,
      'CharTokenizer.fromJSON',
      'characters are single and distinct',
      () => `${JSON.stringify(characters[odd])} at index ${odd}`,
    );
    return new CharTokenizer([...characters]);
  }
}

function failUnknown(character: string, index: number): never {
  const codePoint = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  fail(
    'CharTokenizer.encode',
    'every character is in the vocabulary',
    `${JSON.stringify(character)} (U+${codePoint}) at index ${index}`,
    'make the tokenizer from a text that has it, or leave it out',
  );
}

function failId(id: number, index: number, vocabSize: number): never {
  fail('CharTokenizer.decode', `ids are whole numbers from 0 to ${vocabSize - 1}`, `${id} at index ${index}`);
}
