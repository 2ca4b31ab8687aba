import { receiveGradients } from '../autograd/index.ts';
import { checkOneOf } from '../nn/checks.ts';
import type { Parameter } from '../nn/index.ts';
import { check, checkWhole, type FloatArray, Storage, Tensor, withDefaults } from '../tensor/index.ts';
import { batchesOf, cut } from './layout.ts';
import { type Reduction, SumInAnyOrder, SumInOrder } from './reduce.ts';
import { UseTable } from './uses.ts';
import type { World } from './world.ts';

/** How gradients of all ranks are added up. */
export type ReductionName = 'inOrder' | 'anyOrder';
/** The names of the ways to add up. */
export const reductionNames: readonly ReductionName[] = ['inOrder', 'anyOrder'];

/** The options of `SharedGradients`. */
export interface SharedGradientsOptions {
  /** Batches of a step, over all ranks. Default: one for each rank. */
  readonly batches?: number;
  /**
   * 'inOrder' adds up in the order of the batches: the same bits on any number of ranks. 'anyOrder' leaves the
   * order to MPI_Allreduce: less traffic, and the same bits only on the same ranks. Default 'inOrder'.
   */
  readonly reduction?: ReductionName;
}

/**
 * The gradients of a model, added up over the batches of all ranks; batch k of a step is the work of rank k mod
 * P. Backward hands gradients over to it, and `allReduceMean` leaves the sums in `grad`, the same on every rank:
 *
 *     g = ((g₀ + g₁) + g₂) + …       each backward starts from 1/batches, so the sum is the mean
 *
 * which is how one process accumulates them, use by use: a weight that is used twice in a batch has two
 * gradients there, which travel apart. The numbers of all gradients lie one after the other; each rank adds up
 * a segment of them, which all send to it (MPI_Ialltoallv), and all get the sums (MPI_Iallgatherv).
 */
export class SharedGradients {
  /** The batches of a step that are this rank's. */
  readonly batches: readonly number[];
  /** What backward of a batch starts from: 1/batches. */
  readonly share: number;
  readonly #parameters: readonly Parameter[];
  readonly #flat: Storage;
  /** Each parameter's part of the numbers. */
  readonly #parts: readonly Tensor[];
  readonly #uses: UseTable;
  readonly #reduction: Reduction;
  /** What backward gave since the last sum: by batch of this rank, by parameter, by use. */
  #given: Tensor[][][] = [];

  constructor(world: World, parameters: readonly Parameter[], options: SharedGradientsOptions = {}) {
    const { batches, reduction } = settings(world, options);
    const [dtype, ...others] = new Set(parameters.map((parameter) => parameter.dtype));
    check(
      dtype !== undefined && others.length === 0,
      'SharedGradients',
      'there are parameters, all of one dtype',
      () => [dtype, ...others].join(' and '),
    );
    this.batches = batchesOf(world.rank, world.size, batches);
    this.share = 1 / batches;
    this.#parameters = parameters;
    const sizes = parameters.map(({ size }) => size);
    this.#flat = Storage.persistent(dtype, [sizes.reduce((sum, size) => sum + size, 0)], 'gradients');
    this.#parts = partsOf(this.#flat, parameters);
    this.#uses = new UseTable(world, batches, parameters.length);
    this.#reduction =
      reduction === 'inOrder'
        ? new SumInOrder(world, cut(sizes, world.size), batches, dtype)
        : new SumInAnyOrder(world, sizes, dtype);
    for (const [i, parameter] of parameters.entries())
      receiveGradients(parameter, (gradient) => this.#given.at(-1)![i]!.push(gradient));
  }

  /** Begins a step: what there is of one that was given up is forgotten. */
  begin(): void {
    for (const { storage } of this.#given.flat(2)) storage.release();
    this.#given = [];
  }

  /** Says that the gradients to come are of this rank's next batch. */
  beginBatch(): void {
    this.#given.push(this.#parameters.map(() => []));
  }

  /** Adds up the gradients of a step. Every rank calls it when its batches are done. */
  allReduceMean(): void {
    const given = this.#given;
    const own = this.batches.length;
    check(
      given.length === own,
      'allReduceMean',
      `the batches of the step are done, ${own} on this rank`,
      () => `${given.length}`,
    );
    const changed = this.#uses.update(given.map((batch) => batch.map(({ length }) => length)));
    if (changed) this.#reduction.prepare(this.#uses.of);
    this.#reduction.sum(this.#flat.data as FloatArray, given);
    this.begin();
    for (const [i, parameter] of this.#parameters.entries())
      parameter.grad = this.#uses.has(i) ? this.#parts[i]! : null;
  }

  /** Lets backward add up in `grad` again, as it does by itself. */
  close(): void {
    for (const parameter of this.#parameters) receiveGradients(parameter, null);
  }
}

function settings(world: World, options: SharedGradientsOptions): Required<SharedGradientsOptions> {
  const where = 'SharedGradients';
  const all = withDefaults<Required<SharedGradientsOptions>>(where, options, {
    batches: world.size,
    reduction: 'inOrder',
  });
  checkWhole(where, { batches: all.batches }, 1);
  checkOneOf(where, 'reduction', all.reduction, reductionNames);
  check(
    all.batches >= world.size,
    where,
    'a step has a batch for every rank',
    () => `${all.batches} for ${world.size} ranks`,
    () => 'start fewer ranks, or accumulate more batches',
  );
  return all;
}

/** The tensors of these shapes, one after the other in one storage, which is not theirs to hand back. */
function partsOf(storage: Storage, like: readonly Tensor[]): Tensor[] {
  let end = 0;
  return like.map(({ shape, size }) => {
    end += size;
    return Tensor.over(storage.data.subarray(end - size, end), shape, 'gradient');
  });
}
