import { kernels } from '../kernels/index.ts';
import { type DType, type FloatArray, Storage, Tensor } from '../tensor/index.ts';
import { type Piece, type Plan, plan, segmentsOf, type Uses } from './layout.ts';
import type { World } from './world.ts';

/** Gradients of this rank: by batch (of its own), by parameter, by use. */
export type Given = readonly (readonly (readonly Tensor[])[])[];

/** Adds up gradients over all ranks, into one long list of numbers. */
export interface Reduction {
  /** Prepares for other uses than before. */
  prepare(uses: Uses): void;
  sum(flat: FloatArray, given: Given): void;
}

/** Sums in the order of the batches: every number is added up by its owner. */
export class SumInOrder implements Reduction {
  readonly #world: World;
  readonly #pieces: readonly Piece[];
  readonly #batches: number;
  readonly #segments: readonly number[];
  #plan: Plan | null = null;
  #outbox: Storage;
  #inbox: Storage;
  readonly #sums: Storage;

  constructor(world: World, pieces: readonly Piece[], batches: number, dtype: DType) {
    this.#world = world;
    this.#pieces = pieces;
    this.#batches = batches;
    this.#segments = segmentsOf(pieces, world.size);
    this.#sums = buffer(dtype, this.#segments[world.rank]!);
    this.#outbox = this.#inbox = buffer(dtype, 0);
  }

  prepare(uses: Uses): void {
    this.#plan = plan(this.#pieces, this.#world, this.#batches, uses);
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    this.#outbox = buffer(this.#sums.dtype, total(this.#plan.sendCounts));
    this.#inbox = buffer(this.#sums.dtype, total(this.#plan.receiveCounts));
  }

  sum(flat: FloatArray, given: Given): void {
    const { communicator, size } = this.#world;
    const { sends, receives, sendCounts, receiveCounts } = this.#plan!;
    const [outbox, inbox, sums] = [this.#outbox.data, this.#inbox.data, this.#sums.data];
    for (const { piece, batch, use, at } of sends) {
      const gradient = given[Math.floor(batch / size)]![piece.parameter]![use]!;
      outbox.set(gradient.data.subarray(piece.from, piece.to), at);
    }
    communicator.exchange(inbox, receiveCounts, outbox, sendCounts);
    const begun = new Set<Piece>();
    for (const { piece, at } of receives) {
      const length = piece.to - piece.from;
      if (begun.has(piece)) add(this.#sums, piece.at, this.#inbox, at, length);
      else sums.set(inbox.subarray(at, at + length), piece.at);
      begun.add(piece);
    }
    communicator.allGather(flat, sums, this.#segments);
  }
}

/** Leaves the sum over the ranks to MPI_Allreduce. */
export class SumInAnyOrder implements Reduction {
  readonly #world: World;
  readonly #mine: Storage;
  /** Where each parameter begins. */
  readonly #starts: readonly number[];

  constructor(world: World, sizes: readonly number[], dtype: DType) {
    this.#world = world;
    let total = 0;
    this.#starts = sizes.map((size) => {
      total += size;
      return total - size;
    });
    this.#mine = buffer(dtype, total);
  }

  prepare(): void {}

  sum(flat: FloatArray, given: Given): void {
    this.#mine.data.fill(0); // where this rank has none
    for (const batch of given)
      for (const [i, gradients] of batch.entries())
        for (const { storage, size } of gradients) add(this.#mine, this.#starts[i]!, storage, 0, size);
    this.#world.communicator.sum(flat, this.#mine.data as FloatArray);
  }
}

function buffer(dtype: DType, length: number): Storage {
  return Storage.persistent(dtype, [length], 'gradients');
}

/** total[at …] += x[from …] */
function add(total: Storage, at: number, x: Storage, from: number, length: number): void {
  const view = (storage: Storage, offset: number) => new Tensor(storage, [length], [1], offset).memoryView;
  kernels.addTo(view(total, at), view(x, from));
}
