import { check, checkFunctions, checkWhole, display, required, withDefaults } from '../tensor/index.ts';
import { readTokenizerJSON, type TokenizerJSONOptions, tokenizerJSON } from './bpeJSON.ts';
import { type BPEParts, checkParts, checkPattern } from './bpeParts.ts';
import { byteCharacters, bytesOfCharacters, charactersOf } from './byteAlphabet.ts';
import {
  byteStream,
  checkBytes,
  escapeBytes,
  joinBytes,
  textOf,
  unescapeBytes,
  wellFormed,
} from './bytes.ts';
import { Ids } from './ids.ts';
import { MergeTable } from './mergeTable.ts';
import { piecesOf, type SplitPattern } from './patterns.ts';
import { checkNames, SpecialTokens } from './specialTokens.ts';
import { type EncodeOptions, failId, type TextStream, type Tokenizer } from './tokenizer.ts';
import { trainMerges } from './trainMerges.ts';
import {
  readVocabAndMerges,
  type VocabAndMerges,
  type VocabAndMergesOptions,
  vocabAndMerges,
} from './vocabAndMerges.ts';
import { WordCache } from './wordCache.ts';

/** The options of `BPETokenizer.train`. */
export interface BPETrainOptions {
  /** V, tokens to have at most: special tokens, 256 bytes, and one for each merge. */
  readonly vocabSize: number;
  /** How texts are cut into pieces first. Default 'gpt4'. */
  readonly pattern?: SplitPattern;
  /** Tokens that only `matchSpecial` finds in a text; they get the first ids, in this order. Default none. */
  readonly specialTokens?: readonly string[];
  /** Called after each merge with the number of tokens there are. */
  readonly onProgress?: (tokens: number) => void;
}

/**
 * Byte-level byte pair encoding, the tokenizer of GPT-2, GPT-4 and Llama 3: a text is cut into pieces by a
 * rule, a piece into its bytes, and bytes are joined by merges that were learned, the earliest first.
 *
 * Every text has tokens, and `decode(encode(text))` is the text, `decodeBytes(encodeBytes(bytes))` are the
 * bytes; but half of a surrogate pair, which is no character, becomes U+FFFD. Merges and tokens are those
 * that Hugging Face's `tokenizers` learns and gives, without what a file may add around them ([CLS],
 * <|begin_of_text|>, …). What is a letter is told by the engine's version of Unicode.
 *
 * ```ts
 * const tokenizer = BPETokenizer.train(texts, { vocabSize: 4096, specialTokens: ['<|endoftext|>'] });
 * tokenizer.decode(tokenizer.encode('any text: 😀'));          // 'any text: 😀'
 * JSON.stringify(tokenizer);                                   // a tokenizer.json
 * ```
 *
 * Radford et al., "Language models are unsupervised multitask learners", 2019.
 */
export class BPETokenizer implements Tokenizer {
  /** How texts are cut into pieces. */
  readonly pattern: SplitPattern;
  readonly vocabSize: number;
  readonly #parts: BPEParts;
  readonly #special: SpecialTokens;
  readonly #bytes: readonly (Uint8Array | undefined)[];
  readonly #idOfByte: (byte: number) => number;
  readonly #merges: MergeTable;
  readonly #words = new WordCache((piece) => this.#encodePiece(piece));

  private constructor(where: string, parts: BPEParts) {
    checkParts(where, parts);
    const { pattern, vocabulary, merges, specialTokens } = parts;
    const bytes: Uint8Array[] = [];
    for (const [token, id] of vocabulary) bytes[id] = bytesOfCharacters(token)!;
    for (const [name, id] of specialTokens) bytes[id] = new TextEncoder().encode(name);
    const id = (token: string) => vocabulary.get(token)!;
    this.pattern = pattern;
    this.vocabSize = bytes.length;
    this.#parts = parts;
    this.#special = new SpecialTokens(where, specialTokens);
    this.#bytes = bytes;
    const byteIds = byteCharacters.map(id);
    this.#idOfByte = (byte) => byteIds[byte]!;
    const triples = merges.map(([left, right]) => [id(left), id(right), id(left + right)] as const);
    this.#merges = new MergeTable(triples, bytes.length);
  }

  /**
   * Learns merges from texts. There are fewer tokens than `vocabSize` if every piece of the texts has become
   * one.
   */
  static train(texts: string | Iterable<string>, options: BPETrainOptions): BPETokenizer {
    const where = 'BPETokenizer.train';
    const { vocabSize, pattern, specialTokens, onProgress } = withDefaults<Required<BPETrainOptions>>(
      where,
      options,
      { vocabSize: required, pattern: 'gpt4', specialTokens: [], onProgress: () => {} },
    );
    checkFunctions(where, { onProgress });
    checkNames(where, specialTokens);
    checkPattern(where, pattern);
    checkWhole(where, { vocabSize }, 256 + specialTokens.length);
    const counts = new Map<string, number>();
    for (const text of typeof texts === 'string' ? [texts] : texts) {
      check(typeof text === 'string', where, 'texts are strings', () => display(text));
      for (const piece of piecesOf(wellFormed(text), pattern))
        counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
    const { vocabulary, merges } = trainMerges(counts, specialTokens, vocabSize, onProgress);
    const special = new Map(specialTokens.map((name) => [name, vocabulary.get(name)!]));
    for (const name of specialTokens) vocabulary.delete(name);
    return new BPETokenizer(where, {
      pattern,
      vocabulary,
      merges,
      specialTokens: special,
      wholePieces: false,
    });
  }

  get specialTokens(): ReadonlyMap<string, number> {
    return this.#special.ids;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const parts = this.#special.split('BPETokenizer.encode', text, options);
    const ids = new Ids(text.length);
    for (const part of parts) {
      if (typeof part === 'number') ids.push([part]);
      else this.#encodePart(wellFormed(part), ids);
    }
    return ids.array();
  }

  /** The tokens of any bytes, UTF-8 or not: those of the text, if they are one. */
  encodeBytes(bytes: Uint8Array): Int32Array {
    checkBytes('BPETokenizer.encodeBytes', bytes);
    const ids = new Ids(bytes.length);
    this.#encodePart(escapeBytes(bytes), ids);
    return ids.array();
  }

  /** The text of the tokens, in which U+FFFD stands for what is no UTF-8. */
  decode(ids: Iterable<number>): string {
    return textOf(this.decodeBytes(ids));
  }

  /** The bytes of the tokens, and for a special token those of its name. */
  decodeBytes(ids: Iterable<number>): Uint8Array {
    return joinBytes(Array.from(ids, (id) => this.#bytesOf(id)));
  }

  stream(): TextStream {
    return byteStream((id) => this.#bytesOf(id));
  }

  countBytes(ids: Iterable<number>): number {
    return this.#special.sumOthers(ids, (id) => this.#bytesOf(id).length);
  }

  /** Hugging Face's tokenizer.json, which `fromJSON` reads. */
  toJSON(): object {
    return this.toTokenizerJSON();
  }

  /** Hugging Face's tokenizer.json, in its new form or the old one, that older readers want. */
  toTokenizerJSON(options: TokenizerJSONOptions = {}): object {
    return tokenizerJSON('BPETokenizer.toTokenizerJSON', this.#parts, options);
  }

  /** The texts of the files vocab.json and merges.txt. */
  toVocabAndMerges(): VocabAndMerges {
    return vocabAndMerges(this.#parts);
  }

  /** The tokenizer of a tokenizer.json (parsed) with byte-level BPE, in its old form or its new one. */
  static fromJSON(json: unknown): BPETokenizer {
    const where = 'BPETokenizer.fromJSON';
    return new BPETokenizer(where, readTokenizerJSON(where, json));
  }

  /** The tokenizer of the texts of a vocab.json and a merges.txt, the files of GPT-2. */
  static fromVocabAndMerges(files: VocabAndMerges, options: VocabAndMergesOptions = {}): BPETokenizer {
    const where = 'BPETokenizer.fromVocabAndMerges';
    return new BPETokenizer(where, readVocabAndMerges(where, files, options));
  }

  #encodePart(text: string, ids: Ids): void {
    for (const piece of piecesOf(text, this.pattern)) ids.push(this.#words.get(piece));
  }

  #encodePiece(piece: string): readonly number[] {
    const bytes = unescapeBytes(piece);
    const { wholePieces, vocabulary } = this.#parts;
    const whole = wholePieces ? vocabulary.get(charactersOf(bytes)) : undefined;
    return whole === undefined ? this.#merges.apply(Array.from(bytes, this.#idOfByte)) : [whole];
  }

  #bytesOf(id: number): Uint8Array {
    return this.#bytes[id] ?? failId('BPETokenizer.decode', id, this.vocabSize);
  }
}
