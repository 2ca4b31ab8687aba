/** A merge: two tokens, and the one that they become, as ids. */
export type Merge = readonly [left: number, right: number, merged: number];

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
   * The tokens of a word, of whose bytes `ids` are those, and which it changes: of all pairs the one with the
   * earliest merge is joined, of its places the leftmost, until no pair has a merge. A round takes all places
   * of a merge, so there are no more rounds than merges that the word needs.
   */
  apply(ids: number[]): number[] {
    const ranks = ids.map((id, i) => this.#rank(id, ids[i + 1]));
    for (;;) {
      let first = Number.POSITIVE_INFINITY;
      for (const rank of ranks) if (rank < first) first = rank;
      if (first === Number.POSITIVE_INFINITY) return ids;
      this.#join(ids, ranks, first);
    }
  }

  /** Joins the places of one merge, up to where a still earlier one comes up. */
  #join(ids: number[], ranks: number[], rank: number): void {
    const merged = this.#merges[rank]![2];
    let [end, isFirst] = [0, true]; // the end of what is done
    for (let i = 0; i < ids.length; i++, end++) {
      const isPlace = isFirst && ranks[i] === rank;
      ids[end] = isPlace ? merged : ids[i]!;
      ranks[end] = ranks[i]!;
      if (!isPlace) continue;
      i++;
      ranks[end] = this.#rank(merged, ids[i + 1]);
      if (end > 0) ranks[end - 1] = this.#rank(ids[end - 1]!, merged);
      isFirst = ranks[end]! >= rank && !(ranks[end - 1]! < rank);
    }
    ids.length = end;
    ranks.length = end;
  }

  #rank(left: number, right: number | undefined): number {
    if (right === undefined) return Number.POSITIVE_INFINITY;
    return this.#ranks.get(left * this.#size + right) ?? Number.POSITIVE_INFINITY;
  }
}
