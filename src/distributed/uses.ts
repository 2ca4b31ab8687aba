import type { Uses } from './layout.ts';
import type { World } from './world.ts';

/**
 * How often each parameter is used in each batch of a step, as all ranks know it. It mostly stays the same, so
 * that one number from each rank tells.
 */
export class UseTable {
  readonly #world: World;
  /** Batches of a step, and parameters. */
  readonly #batches: number;
  readonly #parameters: number;
  /** Rows of each rank, one after the other: a row for each of its batches, a column for each parameter. */
  #all: Int32Array;
  #known = false;

  constructor(world: World, batches: number, parameters: number) {
    this.#world = world;
    this.#batches = batches;
    this.#parameters = parameters;
    this.#all = new Int32Array(world.size * this.#rows * parameters);
  }

  /** Uses of a parameter in a batch. */
  readonly of: Uses = (batch, parameter) => {
    const { size } = this.#world;
    const row = (batch % size) * this.#rows + Math.floor(batch / size);
    return this.#all[row * this.#parameters + parameter]!;
  };

  /** Takes the uses in this rank's batches of a step. Returns whether anything changed, on any rank. */
  update(mine: readonly (readonly number[])[]): boolean {
    const { communicator, rank, size } = this.#world;
    const rows = new Int32Array(this.#rows * this.#parameters); // the last row of some ranks is zeros
    for (const [i, row] of mine.entries()) rows.set(row, i * this.#parameters);
    const before = this.#all.subarray(rank * rows.length, (rank + 1) * rows.length);
    const differs = !this.#known || rows.some((uses, i) => uses !== before[i]);
    const flags = new Int32Array(size);
    communicator.allGather(flags, Int32Array.of(differs ? 1 : 0));
    if (flags.every((flag) => flag === 0)) return false;
    communicator.allGather(this.#all, rows);
    this.#known = true;
    return true;
  }

  /** Tells whether a parameter is used at all. */
  has(parameter: number): boolean {
    for (let i = parameter; i < this.#all.length; i += this.#parameters) if (this.#all[i]! > 0) return true;
    return false;
  }

  get #rows(): number {
    return Math.ceil(this.#batches / this.#world.size);
  }
}
