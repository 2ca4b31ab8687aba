const [MAX_WORDS, MAX_LENGTH] = [100_000, 64];

/** The tokens of words that were met before; of 100,000 of up to 64 characters, whichever came first. */
export class WordCache {
  readonly #ids = new Map<string, readonly number[]>();
  readonly #encode: (word: string) => readonly number[];

  constructor(encode: (word: string) => readonly number[]) {
    this.#encode = encode;
  }

  get(word: string): readonly number[] {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const ids = this.#encode(word);
    if (word.length <= MAX_LENGTH && this.#ids.size < MAX_WORDS) this.#ids.set(word, ids);
    return ids;
  }
}
