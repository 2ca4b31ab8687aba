import { check, display, withDefaults } from '../tensor/index.ts';
import { byteStream, checkBytes, textOf } from './bytes.ts';
import { checkNames, SpecialTokens } from './specialTokens.ts';
import { type EncodeOptions, failId, type TextStream, type Tokenizer } from './tokenizer.ts';

/** The options of `ByteTokenizer`. */
export interface ByteTokenizerOptions {
  /** Names of tokens beside the bytes; they get the ids 256, 257, … in this order. Default none. */
  readonly specialTokens?: readonly string[];
}

/** What `ByteTokenizer.toJSON` gives. */
export interface ByteTokenizerJSON {
  readonly type: 'byte';
  readonly specialTokens: readonly string[];
}

/**
 * One token for each byte of the text in UTF-8: id = byte. There is nothing to learn and no unknown text.
 *
 * `decode(encode(text))` is the text, and `decodeBytes(encodeBytes(bytes))` are the bytes, always; but half
 * of a surrogate pair, which is no character and has no UTF-8, becomes U+FFFD, as in TextEncoder.
 *
 * ```ts
 * const tokenizer = new ByteTokenizer({ specialTokens: ['<|end|>'] });
 * tokenizer.encode('é<|end|>', { matchSpecial: true });    // Int32Array [195, 169, 256]
 * tokenizer.decode([195, 169]);                            // 'é'
 * ```
 *
 * Xue et al., "ByT5: Towards a token-free future with pre-trained byte-to-byte models", 2021.
 */
export class ByteTokenizer implements Tokenizer {
  readonly #special: SpecialTokens;

  constructor(options: ByteTokenizerOptions = {}) {
    const { specialTokens } = withDefaults<Required<ByteTokenizerOptions>>('ByteTokenizer', options, {
      specialTokens: [],
    });
    checkNames('ByteTokenizer', specialTokens);
    this.#special = new SpecialTokens(
      'ByteTokenizer',
      new Map(specialTokens.map((name, i) => [name, 256 + i])),
    );
  }

  get vocabSize(): number {
    return 256 + this.specialTokens.size;
  }

  get specialTokens(): ReadonlyMap<string, number> {
    return this.#special.ids;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const parts = this.#special.split('ByteTokenizer.encode', text, options);
    const ids = parts.map((part) => (typeof part === 'number' ? [part] : new TextEncoder().encode(part)));
    if (ids.length === 1) return Int32Array.from(ids[0]!);
    return Int32Array.from(ids.flatMap((some) => [...some]));
  }

  /** The bytes as ids. */
  encodeBytes(bytes: Uint8Array): Int32Array {
    checkBytes('ByteTokenizer.encodeBytes', bytes);
    return Int32Array.from(bytes);
  }

  /** The text of the bytes, in which U+FFFD stands for what is no UTF-8. */
  decode(ids: Iterable<number>): string {
    return textOf(this.decodeBytes(ids));
  }

  /** The bytes of the ids, and for a special token those of its name. */
  decodeBytes(ids: Iterable<number>): Uint8Array {
    const bytes: number[] = [];
    for (const id of ids) {
      if (id >= 0 && id < 256 && Number.isInteger(id)) bytes.push(id);
      else bytes.push(...this.#bytesOf(id));
    }
    return Uint8Array.from(bytes);
  }

  stream(): TextStream {
    return byteStream((id) => this.#bytesOf(id));
  }

  countBytes(ids: Iterable<number>): number {
    return this.#special.sumOthers(ids, (id) => this.#bytesOf(id).length);
  }

  toJSON(): ByteTokenizerJSON {
    return { type: 'byte', specialTokens: [...this.specialTokens.keys()] };
  }

  /** The tokenizer that wrote `json` (parsed). */
  static fromJSON(json: unknown): ByteTokenizer {
    const { type, specialTokens } = (json ?? {}) as Partial<ByteTokenizerJSON>;
    check(
      type === 'byte' && Array.isArray(specialTokens),
      'ByteTokenizer.fromJSON',
      "the object is { type: 'byte', specialTokens: ['<|end|>', …] }",
      () => display(json),
    );
    return new ByteTokenizer({ specialTokens });
  }

  #bytesOf(id: number): Uint8Array {
    if (Number.isInteger(id) && id >= 0 && id < 256) return Uint8Array.of(id);
    return new TextEncoder().encode(
      this.#special.name(id) ?? failId('ByteTokenizer.decode', id, this.vocabSize),
    );
  }
}
