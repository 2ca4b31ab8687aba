import { fail } from '../tensor/index.ts';

/**
 * Text as ids, and ids as text again. Every tokenizer has also a static `fromJSON` that reads its `toJSON`.
 */
export interface Tokenizer {
  /** V: ids are whole numbers from 0 to V − 1. */
  readonly vocabSize: number;
  /** The ids of the special tokens, such as '[PAD]' or '<|endoftext|>', by name. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** The ids of a text: an Int32Array, the dtype of indices. */
  encode(text: string, options?: EncodeOptions): Int32Array;
  /** The text of ids, in which special tokens are written by name. */
  decode(ids: Iterable<number>): string;
  /** A decoder of ids that come one by one. */
  stream(): TextStream;
  /** Bytes of UTF-8 that tokens stand for, those cut inside a character too; special tokens stand for none. */
  countBytes(ids: Iterable<number>): number;
  /** Plain data for a file: `JSON.stringify(tokenizer)` calls it. */
  toJSON(): object;
}

/** The options of `encode`. */
export interface EncodeOptions {
  /**
   * Whether the name of a special token in the text becomes its id, the longest name first. Default false:
   * it is text like any other, so that no text of a stranger ends a document or starts a turn.
   */
  readonly matchSpecial?: boolean;
}

/**
 * A decoder that keeps what is not yet a whole character. All that it returned, joined, is what `decode`
 * makes of the same ids.
 */
export interface TextStream {
  /** The text that one more id completes, often empty: a character can take several tokens. */
  push(id: number): string;
  /** What is left at the end: U+FFFD for a character that never became whole. */
  end(): string;
}

/** The text of a stream that gets all ids. */
export function streamAll(stream: TextStream, ids: Iterable<number>): string {
  let text = '';
  for (const id of ids) text += stream.push(id);
  return text + stream.end();
}

/** Bytes of a text in UTF-8. */
export function countUTF8(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A stream of words: `first` is written as it is, each after it with the space that `later` puts before it. */
export function wordStream(first: (id: number) => string, later: (id: number) => string): TextStream {
  let write = first;
  const push = (id: number) => {
    const text = write(id);
    write = later;
    return text;
  };
  return { push, end: () => '' };
}

/** The error for an id that no token has. */
export function failId(where: string, id: number, vocabSize: number): never {
  fail(where, `ids are those of tokens, whole numbers from 0 to ${vocabSize - 1}`, `${id}`);
}
