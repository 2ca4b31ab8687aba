import { check, display, fail, withDefaults } from '../tensor/index.ts';
import { checkVocabularyIds } from './bpeParts.ts';
import { SpecialTokens } from './specialTokens.ts';
import {
  countUTF8,
  type EncodeOptions,
  failId,
  streamAll,
  type TextStream,
  type Tokenizer,
  wordStream,
} from './tokenizer.ts';
import { WordCache } from './wordCache.ts';
import { readWordPieceJSON, wordPieceJSON } from './wordPieceJSON.ts';
import { MAX_CHARACTERS, type WordPieceParts } from './wordPieceParts.ts';
import { type BertTextOptions, bertWords } from './wordPieceText.ts';

/** The options of `WordPieceTokenizer.fromVocab`. */
export interface WordPieceOptions extends BertTextOptions {
  /** The token for words that no tokens make. Default '[UNK]'. */
  readonly unknown?: string;
  /**
   * Which tokens are special. Default those of BERT that are there: [PAD], [UNK], [CLS], [SEP] and [MASK].
   */
  readonly specialTokens?: readonly string[] | undefined;
}

/**
 * BERT's tokenizer: a text is cleaned and cut into words and punctuation marks, and a word into the longest
 * token that it starts with, then the longest that goes on there, written '##…', to its end. A word that
 * tokens do not make, or of more than 100 characters, is unknown.
 *
 * The same ids as Hugging Face's BertTokenizer gives without [CLS] and [SEP]. Spaces, and with `lowercase`
 * capitals and accents, are lost: `decode` writes single spaces, but none before . , ! and ?.
 *
 * ```ts
 * const tokenizer = WordPieceTokenizer.fromVocab(await readFile('vocab.txt', 'utf8'));
 * tokenizer.decode(tokenizer.encode('Unaffable, naïve!'));     // 'unaffable, naive!'
 * ```
 *
 * Wu et al., "Google's neural machine translation system", 2016; Devlin et al., "BERT", 2018.
 */
export class WordPieceTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly #parts: WordPieceParts;
  readonly #special: SpecialTokens;
  readonly #tokens: readonly (string | undefined)[];
  readonly #unknown: number;
  readonly #words = new WordCache((word) => this.#encodeWord(word));

  private constructor(where: string, parts: WordPieceParts) {
    const { vocabulary, specialTokens, unknown } = parts;
    checkVocabularyIds(where, [...vocabulary]);
    const tokens: string[] = [];
    for (const [token, id] of vocabulary) tokens[id] = token;
    this.vocabSize = tokens.length;
    this.#parts = parts;
    this.#special = new SpecialTokens(where, specialTokens);
    this.#tokens = tokens;
    this.#unknown = vocabulary.get(unknown) ?? failAbsent(where, unknown);
  }

  /** The tokenizer of a vocab.txt, which has one token in each line, by the order of their ids. */
  static fromVocab(vocab: string, options: WordPieceOptions = {}): WordPieceTokenizer {
    const where = 'WordPieceTokenizer.fromVocab';
    const { unknown, specialTokens, ...text } = withDefaults<Required<WordPieceOptions>>(where, options, {
      unknown: '[UNK]',
      specialTokens: undefined,
      lowercase: true,
      stripAccents: undefined,
      chineseCharacters: true,
    });
    check(typeof vocab === 'string', where, 'vocab is the text of a vocab.txt', () => display(vocab));
    const tokens = vocab.replace(/\r?\n$/, '').split(/\r?\n/);
    const vocabulary = new Map(tokens.map((token, id) => [token, id]));
    check(vocabulary.size === tokens.length, where, 'no line of vocab is there twice', () =>
      display(tokens.find((token, id) => vocabulary.get(token) !== id)),
    );
    const bert = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', unknown];
    const names = specialTokens ?? [...new Set(bert)].filter((name) => vocabulary.has(name));
    const special = new Map(names.map((name) => [name, vocabulary.get(name) ?? failAbsent(where, name)]));
    return new WordPieceTokenizer(where, { vocabulary, specialTokens: special, unknown, text });
  }

  get specialTokens(): ReadonlyMap<string, number> {
    return this.#special.ids;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const parts = this.#special.split('WordPieceTokenizer.encode', text, options);
    return Int32Array.from(
      parts.flatMap((part) =>
        typeof part === 'number'
          ? [part]
          : bertWords(part, this.#parts.text).flatMap((word) => this.#words.get(word)),
      ),
    );
  }

  /** The words with single spaces between them, but for those before . , ! and ?. */
  decode(ids: Iterable<number>): string {
    return streamAll(this.stream(), ids);
  }

  /** With the space that `decode` writes before a word; other spaces, and what is unknown, count for nothing. */
  countBytes(ids: Iterable<number>): number {
    return this.#special.sumOthers(ids, (id) => countUTF8(this.#written(id)));
  }

  stream(): TextStream {
    return wordStream(
      (id) => this.#token(id),
      (id) => this.#written(id),
    );
  }

  /** The token as it goes on a text. */
  #written(id: number): string {
    const token = this.#token(id);
    return token.startsWith('##') ? token.slice(2) : spaced(token);
  }

  #token(id: number): string {
    return this.#tokens[id] ?? failId('WordPieceTokenizer.decode', id, this.vocabSize);
  }

  /** Hugging Face's tokenizer.json, which `fromJSON` reads. */
  toJSON(): object {
    return wordPieceJSON(this.#parts);
  }

  /** The tokenizer of a tokenizer.json (parsed) of BERT's kind. */
  static fromJSON(json: unknown): WordPieceTokenizer {
    const where = 'WordPieceTokenizer.fromJSON';
    return new WordPieceTokenizer(where, readWordPieceJSON(where, json));
  }

  #encodeWord(word: string): number[] {
    const characters = [...word];
    if (characters.length > MAX_CHARACTERS) return [this.#unknown];
    const ids: number[] = [];
    for (let start = 0, end = 0; start < characters.length; start = end) {
      let id: number | undefined;
      for (end = characters.length; end > start; end--) {
        const part = characters.slice(start, end).join('');
        id = this.#parts.vocabulary.get(start === 0 ? part : `##${part}`);
        if (id !== undefined) break;
      }
      if (id === undefined) return [this.#unknown];
      ids.push(id);
    }
    return ids;
  }
}

function spaced(token: string): string {
  return /^[.,!?]/.test(token) ? token : ` ${token}`;
}

function failAbsent(where: string, token: string): never {
  fail(where, 'special tokens are in the vocabulary', display(token), 'is it a vocab.txt');
}
