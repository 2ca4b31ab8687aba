import { defineOp } from '../autograd/index.ts';
import { full, restartStream, type Tensor } from '../tensor/index.ts';
import { type Hook, type Pair, type StepEvent, Trainer, type TrainerOptions } from '../train/index.ts';
import { lossOf, tokensOf } from '../train/trainerOptions.ts';
import { type ReductionName, SharedGradients } from './gradients.ts';
import type { World } from './world.ts';

/** What a `DistributedTrainer` needs beside the options of a `Trainer`. */
export interface DistributedOptions {
  readonly world: World;
  /** See `SharedGradientsOptions`. Default 'inOrder'. */
  readonly reduction?: ReductionName;
}

/**
 * A `Trainer` on all ranks together. A step has `accumulate` batches (default: one for each rank), the same
 * batches on any number of ranks, and gives the same bits: rank r of P computes batches r, r + P, … of each
 * step, and each rank draws them all, so that random streams are alike everywhere. Dropout draws from a stream
 * of its own in each batch. Every rank needs the same options, but for the hooks: rank 0 mostly has them alone.
 *
 *     new DistributedTrainer({ model, optimizer, nextBatch, steps: 1000 }, { world: init() })
 *
 * `stop`, on whatever rank, ends training on all of them after the next step that they begin together. A loss or
 * a gradient that is not finite, on whatever rank, is so on all: they skip the step, or fail in it, together.
 */
export class DistributedTrainer<B = Pair> extends Trainer<B> {
  readonly #shared: SharedSteps<B>;

  constructor(options: TrainerOptions<B>, { world, reduction = 'inOrder' }: DistributedOptions) {
    const batches = options.accumulate ?? world.size;
    const gradients = new SharedGradients(world, options.model.parameters(), { batches, reduction });
    const shared = new SharedSteps(world, gradients, options, batches);
    super(shared.optionsOfRank());
    this.#shared = shared;
    shared.whenAllStop = () => this.stopTogether();
    shared.stepsDone = () => this.step;
  }

  override stop(): void {
    this.#shared.stopAsked = true;
  }

  /** Ends training after the current step and its hooks. Every rank calls it, in the same step. */
  stopTogether(): void {
    super.stop();
  }
}

/** The steps of all ranks, of which one rank does its part. */
class SharedSteps<B> {
  stopAsked = false;
  whenAllStop = () => {};
  stepsDone = () => 0;
  readonly #world: World;
  readonly #gradients: SharedGradients;
  readonly #options: TrainerOptions<B>;
  readonly #batches: number;
  /** Batches of this step that were drawn, and the losses of this rank's. */
  #drawn = 0;
  #ownLosses: number[] = [];
  #units = 0;
  /** Mean loss of the step, over all ranks. */
  #loss = 0;
  #stops = false;

  constructor(world: World, gradients: SharedGradients, options: TrainerOptions<B>, batches: number) {
    this.#world = world;
    this.#gradients = gradients;
    this.#options = options;
    this.#batches = batches;
  }

  optionsOfRank(): TrainerOptions<B> {
    const { hooks = [], afterBackward } = this.#options;
    const first: Hook = () => {
      if (this.#stops) this.whenAllStop();
    };
    return {
      ...this.#options,
      accumulate: this.#gradients.batches.length,
      nextBatch: () => this.#nextBatch(),
      loss: (batch: B) => this.#lossOf(batch),
      afterBackward: () => {
        this.#gradients.allReduceMean();
        restartStream('dropout', null); // whichever batch was this rank's last
        afterBackward?.();
      },
      hooks: [
        first,
        ...hooks.map(
          (hook): Hook =>
            (event) =>
              hook(this.#ofAll(event)),
        ),
      ],
    } as TrainerOptions<B>;
  }

  /** The next batch of this rank; after its last, all others of the step are drawn as well. */
  #nextBatch(): B {
    if (this.#drawn === this.#batches) this.#begin();
    const { batches } = this.#gradients;
    const index = batches[this.#ownLosses.length]!;
    const isLast = index === batches.at(-1);
    const drawn: B[] = [];
    while (this.#drawn <= index) drawn.push(this.#draw());
    const own = drawn.at(-1)!;
    while (isLast && this.#drawn < this.#batches) this.#draw();
    this.#restartDropout(index);
    return own;
  }

  /** The masks of a batch are its own: whose work it is, and what came before, does not matter. */
  #restartDropout(batch: number): void {
    restartStream('dropout', `${this.stepsDone()}/${batch}`);
  }

  #begin(): void {
    [this.#drawn, this.#units, this.#loss] = [0, 0, 0];
    this.#ownLosses = [];
    this.#gradients.begin();
  }

  #draw(): B {
    const { nextBatch, units = tokensOf } = this.#options;
    const batch = nextBatch();
    this.#units += units(batch);
    this.#drawn++;
    return batch;
  }

  #lossOf(batch: B): Tensor {
    const { model, loss: given } = this.#options;
    const own = this.#gradients.batches.length;
    this.#gradients.beginBatch();
    const loss = lossOf(model, given, batch);
    if (this.#ownLosses.length === own) return loss; // done again, to find what is not finite
    this.#ownLosses.push(loss.item());
    if (this.#ownLosses.length === own) this.#agree();
    return begunWith(loss, this.#gradients.share, Number.isFinite(this.#loss) ? loss.item() : Number.NaN);
  }

  /** Tells all ranks the losses of the step, and whether one wants to stop. */
  #agree(): void {
    const { communicator, size } = this.#world;
    const rows = 1 + Math.ceil(this.#batches / size);
    const mine = new Float64Array(rows);
    mine.set([this.stopAsked ? 1 : 0, ...this.#ownLosses]);
    const all = new Float64Array(size * rows);
    communicator.allGather(all, mine);
    this.#loss = 0;
    for (let batch = 0; batch < this.#batches; batch++)
      this.#loss += all[(batch % size) * rows + 1 + Math.floor(batch / size)]! / this.#batches;
    this.#stops = all.some((value, i) => i % rows === 0 && value !== 0);
  }

  /** What this rank's step looks like on all ranks together. */
  #ofAll(event: StepEvent): StepEvent {
    return { ...event, loss: this.#loss, units: this.#units };
  }
}

/** The loss, with the value that is to be seen; its gradient is `share`, whatever comes from above. */
const begunWith = defineOp({
  name: 'begunWith',
  forward: (loss: Tensor, share: number, value: number) => ({
    output: full([], value, { dtype: loss.dtype }),
    saved: { share },
  }),
  backward: (dy: Tensor, { share }) => [full([], share, { dtype: dy.dtype })],
});
