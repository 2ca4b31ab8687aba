import { backward } from '../autograd/index.ts';
import { platform } from '../platform/index.ts';
import {
  checkFunctions,
  checkWhole,
  full,
  type RandomState,
  randomState,
  restoreRandomState,
  withDefaults,
} from '../tensor/index.ts';
import { clipGradNorm } from './clip.ts';
import { DivergedError, findNotFinite } from './diverged.ts';
import {
  type Hook,
  lossOf,
  type Pair,
  type TrainerOptions,
  type TrainerSettings,
  trainerSettings,
} from './trainerOptions.ts';

export type {
  Hook,
  Inputs,
  Pair,
  Trainable,
  TrainerOptions,
  TrainerSettings,
  TrainingOptimizer,
} from './trainerOptions.ts';

/** One finished step. */
export interface StepEvent {
  /** The trainer, for its state and to stop it. */
  readonly trainer: Pick<Trainer, 'step' | 'skipped' | 'isLast' | 'finished' | 'stopped' | 'stop'>;
  /** Steps done, this one included. */
  readonly step: number;
  /** Mean loss of the step's batches, before the update. */
  readonly loss: number;
  /** Learning rate of the step. */
  readonly lr: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Units in the batches of the step, as the trainer counts them: tokens, unless it was told otherwise. */
  readonly units: number;
  /** Whether nothing was updated, because the loss or a gradient is not finite; see `maxSkipped`. */
  readonly skipped: boolean;
}

/**
 * The training loop: batch, forward, backward, clip, update, hooks.
 *
 *     new Trainer({ model, optimizer, nextBatch, steps: 1000 })       batches { inputs, targets } of model.loss
 *     new Trainer({ …, loss: ({ images, labels }) => crossEntropy(model.forward(images), labels),
 *       units: ({ images }) => images.shape[0]! })                    batches of any kind
 */
export class Trainer<B = Pair> {
  readonly options: TrainerSettings<B>;
  step: number;
  /** Steps in a row, up to now, that were skipped. */
  skipped: number;
  #stopping = false;

  constructor(options: TrainerOptions<B>) {
    this.options = trainerSettings(options);
    this.step = this.options.startStep;
    this.skipped = this.options.startSkipped;
  }

  /** Whether every step was done. */
  get finished(): boolean {
    return this.step >= this.options.steps;
  }

  /** Whether training ended, or will end, before every step was done, because `stop` was called. */
  get stopped(): boolean {
    return this.#stopping && !this.finished;
  }

  /** The last step: whether every one was done, or `stop` was called in it. */
  get isLast(): boolean {
    return this.#stopping || this.finished;
  }

  /**
   * Ends training after the current step and its hooks. A signal or a timer gets its turn before the hooks of
   * a step, so each of them sees the call; a call from a hook is seen by the hooks after it, so the hook that
   * saves comes last.
   */
  stop(): void {
    this.#stopping = true;
  }

  /** Trains until the last step. The event loop turns once per step, so signals and timers work. */
  async run(): Promise<void> {
    const { model, hooks } = this.options;
    model.train();
    while (!this.isLast) {
      const event = this.#trainStep();
      // before the hooks: the step that a signal makes the last one is still to be saved by them
      await platform.nextTurn();
      for (const hook of hooks) await hook(event);
    }
  }

  #trainStep(): StepEvent {
    const { model, optimizer, nextBatch, schedule, afterBackward, clip, accumulate } = this.options;
    optimizer.lr = schedule(this.step);
    optimizer.zeroGrad();
    let loss = 0;
    let units = 0;
    const tries: Try<B>[] = []; // to be looked into, if one more must not be skipped
    const mustBeFinite = this.skipped >= this.options.maxSkipped;
    for (let i = 0; i < accumulate; i++) {
      const batch = nextBatch();
      if (mustBeFinite) tries.push({ batch, random: randomState() });
      units += this.options.units(batch);
      const batchLoss = lossOf(model, this.options.loss, batch);
      loss += batchLoss.item() / accumulate;
      backward(batchLoss, full([], 1 / accumulate, { dtype: batchLoss.dtype }));
    }
    if (mustBeFinite && !Number.isFinite(loss)) this.#failNotFinite(loss, tries);
    afterBackward();
    const gradientNorm = this.#clip(clip, mustBeFinite, tries);
    const skipped = !(Number.isFinite(loss) && Number.isFinite(gradientNorm));
    this.skipped = skipped ? this.skipped + 1 : 0;
    if (!skipped) optimizer.step();
    this.step++;
    return { trainer: this, step: this.step, loss, lr: optimizer.lr, gradientNorm, units, skipped };
  }

  #clip(most: number, mustBeFinite: boolean, tries: readonly Try<B>[]): number {
    const parameters = this.options.model.namedParameters();
    const norm = clipGradNorm(parameters, most, { errorIfNonfinite: false });
    if (Number.isFinite(norm) || !mustBeFinite) return norm;
    try {
      return clipGradNorm(parameters, most); // which says where
    } catch (error) {
      throw new DivergedError(`${(error as Error).message}${this.#firstNotFinite(tries)}`);
    }
  }

  #failNotFinite(loss: number, tries: readonly Try<B>[]): never {
    const after = this.skipped > 0 ? `, after ${this.skipped} skipped in a row` : '';
    throw new DivergedError(
      `Trainer: the loss is finite. got ${loss} at step ${this.step}${after}. ` +
        `lower the learning rate, or warm up longer.${this.#firstNotFinite(tries)}`,
    );
  }

  /** The first number that is not finite, in words, found by doing again what was done. */
  #firstNotFinite(tries: readonly Try<B>[]): string {
    const { model, loss } = this.options;
    for (const { batch, random } of tries) {
      restoreRandomState(random);
      const found = findNotFinite(model.namedParameters(), () => lossOf(model, loss, batch));
      if (found !== null) return ` it begins here: ${found}`;
    }
    return '';
  }
}

/** A batch, and the random numbers as they stood before its loss was computed. */
interface Try<B> {
  readonly batch: B;
  readonly random: RandomState;
}

/** The options of `every`. */
export interface EveryOptions {
  /**
   * Whether the hook is also called after a step that is the last one only because of `stop`. Default true:
   * what saves must save there. A hook that draws random numbers says false, since a run that never stopped
   * would not draw them.
   */
  readonly whenStopped?: boolean;
}

/** Calls the hook every `interval` steps and after the last one. */
export function every(interval: number, hook: Hook, options: EveryOptions = {}): Hook {
  const { whenStopped } = withDefaults<Required<EveryOptions>>('every', options, { whenStopped: true });
  checkWhole('every', { interval }, 1);
  checkFunctions('every', { hook });
  return (event) => {
    const { finished, stopped } = event.trainer;
    if (event.step % interval === 0 || finished || (stopped && whenStopped)) return hook(event);
  };
}
