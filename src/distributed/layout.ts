import { check } from '../tensor/index.ts';

/** Numbers of one parameter that one rank adds up. */
export interface Piece {
  /** Index of the parameter. */
  readonly parameter: number;
  /** First number, and the one after the last, in the parameter. */
  readonly from: number;
  readonly to: number;
  /** The rank that adds them up. */
  readonly owner: number;
  /** Where they go in the segment of their owner. */
  readonly at: number;
}

/** A piece of one gradient, and where it lies in the buffer that is sent or received. */
export interface Parcel {
  readonly piece: Piece;
  readonly batch: number;
  /** Which of the gradients that the parameter got in this batch: 0, or more where it is used more than once. */
  readonly use: number;
  readonly at: number;
}

/** How often a parameter is used in a batch. */
export type Uses = (batch: number, parameter: number) => number;

/** What one rank sends and receives in a step. */
export interface Plan {
  readonly sends: readonly Parcel[];
  /** In the order in which they are added up: batch by batch. */
  readonly receives: readonly Parcel[];
  /** Numbers sent to each rank, and received from each. */
  readonly sendCounts: readonly number[];
  readonly receiveCounts: readonly number[];
}

/** The batches of a rank: `rank`, `rank + ranks`, … */
export function batchesOf(rank: number, ranks: number, batches: number): number[] {
  return Array.from({ length: Math.ceil((batches - rank) / ranks) }, (_, i) => rank + i * ranks);
}

/** Cuts all parameters, one after the other, into a segment for each rank, as equal as multiples of 16 can be. */
export function cut(sizes: readonly number[], ranks: number): Piece[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  check(total < 2 ** 31, 'distributed', 'there are fewer than 2³¹ parameters', () => `${total}`);
  const startOf = (owner: number) => Math.min(total, 16 * Math.ceil((total * owner) / ranks / 16));
  const pieces: Piece[] = [];
  let start = 0; // of the parameter
  let owner = 0;
  for (const [parameter, size] of sizes.entries()) {
    for (let from = 0, to = 0; from < size; from = to) {
      while (startOf(owner + 1) <= start + from) owner++;
      to = Math.min(size, startOf(owner + 1) - start);
      pieces.push({ parameter, from, to, owner, at: start + from - startOf(owner) });
    }
    start += size;
  }
  return pieces;
}

/**
 * Plans a step. A rank sends to owner after owner, and to each batch by batch, parameter by parameter, use by
 * use: that depends on nothing but the uses, so sender and owner need not talk about it.
 */
export function plan(
  pieces: readonly Piece[],
  { rank, size }: { readonly rank: number; readonly size: number },
  batches: number,
  uses: Uses,
): Plan {
  const ranks = Array.from({ length: size }, (_, r) => r);
  const byOwner = ranks.map((r) => pieces.filter(({ owner }) => owner === r));
  const [sends, receives]: Parcel[][] = [[], []];
  const load = (into: Parcel[], sender: number, owner: number, start: number) => {
    let at = start;
    for (const batch of batchesOf(sender, size, batches))
      for (const piece of byOwner[owner]!)
        for (let use = 0; use < uses(batch, piece.parameter); use++, at += piece.to - piece.from)
          into.push({ piece, batch, use, at });
    return at;
  };
  const counted = (loadNext: (other: number, start: number) => number) => {
    let end = 0;
    return ranks.map((other) => {
      const start = end;
      end = loadNext(other, start);
      return end - start;
    });
  };
  const sendCounts = counted((owner, start) => load(sends!, rank, owner, start));
  const receiveCounts = counted((sender, start) => load(receives!, sender, rank, start));
  receives!.sort((a, b) => a.batch - b.batch); // stable: uses stay in their order
  return { sends: sends!, receives: receives!, sendCounts, receiveCounts };
}

/** Numbers in the segment of each rank. */
export function segmentsOf(pieces: readonly Piece[], ranks: number): number[] {
  const lengths = new Array<number>(ranks).fill(0);
  for (const { owner, from, to } of pieces) lengths[owner]! += to - from;
  return lengths;
}

/** The rank of each parameter where whole ones are shared out: the largest first, each to who has the least. */
export function ownersOf(sizes: readonly number[], ranks: number): number[] {
  const loads = new Array<number>(ranks).fill(0);
  const owners = new Array<number>(sizes.length);
  for (const i of [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]!)) {
    const owner = loads.indexOf(Math.min(...loads));
    owners[i] = owner;
    loads[owner]! += sizes[i]!;
  }
  return owners;
}
