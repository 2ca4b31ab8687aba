import { check, display } from '../tensor/index.ts';
import { byteCharacters, charactersOf } from './byteAlphabet.ts';
import { Heap } from './heap.ts';

/** A vocabulary that is growing: tokens in byte characters by id, and the pairs that were joined. */
export interface Learned {
  readonly vocabulary: Map<string, number>;
  readonly merges: (readonly [left: string, right: string])[];
}

interface Word {
  /** As it is so far. */
  readonly ids: number[];
  /** How often it is in the texts. */
  readonly count: number;
}

/** A pair in the queue, with its count when it was put there, and the words that had made it. */
interface Candidate {
  readonly pair: number;
  count: number;
  readonly words: readonly Word[];
}

/**
 * Learns merges from words with their counts, in exactly the order of Hugging Face's BpeTrainer: the pair
 * with the highest count is joined, of equal counts the one whose left id, then right id, is smallest. The
 * first ids are the special tokens', the next those of the bytes in the order of their characters.
 *
 * What changes by a merge is found through the words that have the pair, so a merge costs what it changes.
 * Counts in the queue may be old; since they only fall, a pair that comes up with an old one goes back with
 * the true one.
 *
 * Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", 2016.
 */
export function trainMerges(
  counts: ReadonlyMap<string, number>,
  special: readonly string[],
  vocabSize: number,
  onMerge: (tokens: number) => void,
): Learned {
  const where = 'BPETokenizer.train';
  const double = special.find((name) => byteCharacters.includes(name));
  check(double === undefined, where, 'special tokens are no single bytes', () => display(double));
  const names = [...special, ...[...byteCharacters].sort()];
  const vocabulary = new Map(names.map((name, id) => [name, id]));
  const merges: [left: string, right: string][] = [];
  const pairs = new PairQueue(vocabSize);
  for (const word of wordsOf(counts, vocabulary)) pairs.addWord(word);
  pairs.queueNew();
  while (names.length < vocabSize) {
    const best = pairs.pop();
    if (best === undefined) break;
    const [left, right] = [Math.floor(best.pair / vocabSize), best.pair % vocabSize];
    const name = names[left]! + names[right]!;
    check(!special.includes(name), where, 'no merge makes a special token', () => display(name));
    const merged = names.push(name) - 1; // a new one: what is alike between two borders is joined alike
    vocabulary.set(name, merged);
    merges.push([names[left]!, names[right]!]);
    for (const word of best.words) pairs.join(word, left, right, merged);
    pairs.queueNew();
    onMerge(names.length);
  }
  return { vocabulary, merges };
}

function wordsOf(counts: ReadonlyMap<string, number>, vocabulary: ReadonlyMap<string, number>): Word[] {
  const encoder = new TextEncoder();
  return [...counts].map(([text, count]) => ({
    ids: Array.from(charactersOf(encoder.encode(text)), (character) => vocabulary.get(character)!),
    count,
  }));
}

/**
 * All pairs of neighbours, as left · size + right: their counts, and a queue with the most frequent first.
 */
class PairQueue {
  readonly #counts = new Map<number, number>();
  readonly #queue = new Heap<Candidate>(
    (a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair),
  );
  /** The words in which pairs came up since the last `queueNew`. */
  #found = new Map<number, Word[]>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  addWord(word: Word): void {
    for (let i = 1; i < word.ids.length; i++) this.#change(word.ids[i - 1]!, word.ids[i]!, word, 1);
  }

  queueNew(): void {
    for (const [pair, words] of this.#found) {
      const count = this.#counts.get(pair)!;
      if (count > 0) this.#queue.push({ pair, count, words });
    }
    this.#found = new Map();
  }

  /** The most frequent pair, which leaves the queue; undefined if there is none. */
  pop(): Candidate | undefined {
    for (let top = this.#queue.pop(); top !== undefined; top = this.#queue.pop()) {
      const count = this.#counts.get(top.pair)!;
      if (count === top.count) return count > 0 ? top : undefined;
      top.count = count;
      this.#queue.push(top);
    }
    return undefined;
  }

  /**
   * Joins a pair wherever the word has it, from left to right, and counts the pairs that go and come by it.
   */
  join(word: Word, left: number, right: number, merged: number): void {
    const { ids } = word;
    let end = 0; // of what is done
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] !== left || ids[i + 1] !== right) {
        ids[end++] = ids[i]!;
        continue;
      }
      if (end > 0) {
        this.#change(ids[end - 1]!, left, word, -1);
        this.#change(ids[end - 1]!, merged, word, 1);
      }
      ids[end++] = merged;
      i++;
      if (i + 1 < ids.length) {
        this.#change(right, ids[i + 1]!, word, -1);
        this.#change(merged, ids[i + 1]!, word, 1);
      }
    }
    ids.length = end;
  }

  #change(left: number, right: number, word: Word, sign: 1 | -1): void {
    const pair = left * this.#size + right;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * word.count);
    if (sign < 0) return;
    const words = this.#found.get(pair);
    if (words === undefined) this.#found.set(pair, [word]);
    else if (words.at(-1) !== word) words.push(word);
  }
}
