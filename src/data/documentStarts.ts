import { type OpenFile, platform } from '../platform/index.ts';

/** Where documents start in a sequence of tokens. */
export interface DocumentStarts {
  /** The start of the document to which the token at this position belongs. */
  startOf(position: number): number;
}

/** Starts in a file, in their order, of which only those are read that a search meets. */
export class DocumentFile implements DocumentStarts {
  readonly #file: OpenFile;
  readonly #count: number;
  readonly #one = new Float64Array(1);

  constructor(path: string, count: number) {
    this.#file = platform.openFile(path);
    this.#count = count;
  }

  startOf(position: number): number {
    return this.#at(this.#indexOf(position));
  }

  /** The start of the document after the one of this position; Infinity if that is the last. */
  startAfter(position: number): number {
    const next = this.#indexOf(position) + 1;
    return next < this.#count ? this.#at(next) : Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#file.close();
  }

  #indexOf(position: number): number {
    let [low, high] = [0, this.#count]; // the last start up to the position is in [low, high)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#at(middle) <= position) low = middle;
      else high = middle;
    }
    return low;
  }

  #at(index: number): number {
    this.#file.read(8 * index, new Uint8Array(this.#one.buffer));
    return this.#one[0]!;
  }
}
