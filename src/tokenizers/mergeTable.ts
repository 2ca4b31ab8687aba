import { Heap } from './heap.ts';

/** A merge: two tokens, and the one that they become, as ids. */
export type Merge = readonly [left: number, right: number, merged: number];

const POSITIONS = 2 ** 32;

/** The merges of a BPE by the pair of tokens that they join, and how they are applied to a word. */
export class MergeTable {
  readonly #merges: readonly Merge[];
  readonly #size: number;
  readonly #ranks = new Map<number, number>();

  /** @param size above every id */
  constructor(merges: readonly Merge[], size: number) {
    this.#merges = merges;
    this.#size = size;
    for (const [rank, [left, right]] of merges.entries()) this.#ranks.set(left * size + right, rank);
  }

  /**
   * The tokens of a word: of all pairs the one of the earliest merge is joined, and of its places the leftmost,
   * until no pair has a merge. `ids` are those of its bytes; O(n log n) by a heap of pairs as rank·2³² + place, in
   * which pairs that have changed since are skipped when they come up.
   */
  apply(ids: number[]): number[] {
    const next = ids.map((_, at) => at + 1);
    const previous = ids.map((_, at) => at - 1);
    const heap = new Heap<number>((a, b) => a < b);
    const rankAt = (at: number) => this.#ranks.get(ids[at]! * this.#size + (ids[next[at]!] ?? Number.NaN));
    const add = (at: number) => {
      const rank = rankAt(at);
      if (rank !== undefined) heap.push(rank * POSITIONS + at);
    };
    for (const at of ids.keys()) add(at);
    for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
      const [rank, left] = [Math.floor(entry / POSITIONS), entry % POSITIONS];
      if (rankAt(left) !== rank) continue;
      const right = next[left]!;
      ids[left] = this.#merges[rank]![2];
      ids[right] = -1; // gone: no pair has it
      next[left] = next[right]!;
      if (next[left] < ids.length) previous[next[left]] = left;
      add(left);
      if (previous[left]! >= 0) add(previous[left]!);
    }
    return ids.filter((id) => id >= 0);
  }
}
