import { setImmediate } from 'node:timers/promises';
import { backward } from '../autograd/index.ts';
import { Module } from '../nn/index.ts';
import {
  check,
  checkFunctions,
  checkOptions,
  checkWhole,
  display,
  fail,
  full,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { clipGradNorm } from './clip.ts';

/** What a model reads: tokens, or tokens and what belongs to them (segments, a padding mask). */
export type Inputs = Tensor | { readonly tokens: Tensor };

/** A model that knows its own loss. */
export type Trainable<I = Tensor, T = Tensor> = Module & { loss(inputs: I, targets: T): Tensor };

/** What the trainer asks of an optimizer. */
export interface TrainingOptimizer {
  lr: number;
  step(): void;
  zeroGrad(): void;
}

export interface TrainerOptions<I extends Inputs = Tensor, T = Tensor> {
  readonly model: Trainable<I, T>;
  readonly optimizer: TrainingOptimizer;
  /** Makes the next batch. */
  readonly nextBatch: () => { readonly inputs: I; readonly targets: T };
  /** The step at which training ends. */
  readonly steps: number;
  /** Learning rate as a function of the step, from 0. Default: the optimizer's, unchanged. */
  readonly schedule?: (step: number) => number;
  /**
   * Called when the gradients of a step are complete, before they are clipped: to change them, or to share
   * them out.
   */
  readonly afterBackward?: () => void;
  /** Largest norm of all gradients together; Infinity only measures it. Default 1. */
  readonly clip?: number;
  /** Batches whose gradients are averaged for one step. Default 1. */
  readonly accumulate?: number;
  /** Called after each step, in order, and awaited. */
  readonly hooks?: readonly Hook[];
  /** Steps done before, when training is resumed. Default 0. */
  readonly startStep?: number;
}

/** One finished step. */
export interface StepEvent {
  readonly trainer: Pick<Trainer, 'step' | 'isLast' | 'finished' | 'stopped' | 'stop'>;
  /** Steps done, this one included. */
  readonly step: number;
  /** Mean over the step's batches, before the update. */
  readonly loss: number;
  readonly lr: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: number;
  /** Tokens among the inputs of the step. */
  readonly tokens: number;
}

export type Hook = (event: StepEvent) => void | Promise<void>;

/** The training loop: batch, forward, backward, clip, update, hooks. */
export class Trainer<I extends Inputs = Tensor, T = Tensor> {
  readonly options: TrainerOptions<I, T>;
  step: number;
  #stopping = false;

  constructor(options: TrainerOptions<I, T>) {
    this.options = checked(options);
    this.step = options.startStep ?? 0;
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
    const { model, hooks = [] } = this.options;
    model.train();
    while (!this.isLast) {
      const event = this.#trainStep();
      await setImmediate(); // before the hooks: the step that a signal makes the last one is still to be saved by them
      for (const hook of hooks) await hook(event);
    }
  }

  #trainStep(): StepEvent {
    const { model, optimizer, nextBatch, schedule, afterBackward, clip = 1, accumulate = 1 } = this.options;
    if (schedule) optimizer.lr = schedule(this.step);
    optimizer.zeroGrad();
    let loss = 0;
    let tokens = 0;
    for (let i = 0; i < accumulate; i++) {
      const { inputs, targets } = nextBatch();
      const batchLoss = model.loss(inputs, targets);
      loss += batchLoss.item() / accumulate;
      tokens += (inputs instanceof Tensor ? inputs : inputs.tokens).size;
      backward(batchLoss, full([], 1 / accumulate, { dtype: batchLoss.dtype }));
    }
    if (!Number.isFinite(loss)) {
      fail(
        'Trainer',
        'the loss is finite',
        `${loss} at step ${this.step}`,
        'lower the learning rate, or warm up longer',
      );
    }
    afterBackward?.();
    const gradientNorm = clipGradNorm(model.namedParameters(), clip);
    optimizer.step();
    this.step++;
    return { trainer: this, step: this.step, loss, lr: optimizer.lr, gradientNorm, tokens };
  }
}

/** The options, if each is what it has to be. */
function checked<I extends Inputs, T>(options: TrainerOptions<I, T>): TrainerOptions<I, T> {
  checkOptions('Trainer', options, 'model');
  const { model, optimizer, nextBatch, schedule, afterBackward, steps, startStep, clip, accumulate, hooks } =
    withDefaults<Record<keyof TrainerOptions<I, T>, unknown>>('Trainer', options, {
      model: undefined,
      optimizer: undefined,
      nextBatch: undefined,
      steps: undefined,
      schedule: () => 0,
      afterBackward: () => {},
      clip: 1,
      accumulate: 1,
      hooks: [],
      startStep: 0,
    });
  check(
    model instanceof Module && typeof (model as Partial<Trainable<I, T>>).loss === 'function',
    'Trainer',
    'model is a module with a method loss(inputs, targets)',
    () => display(model),
  );
  const { step, zeroGrad } = (optimizer ?? {}) as Partial<TrainingOptimizer>;
  check(
    typeof step === 'function' && typeof zeroGrad === 'function',
    'Trainer',
    'optimizer has the methods step() and zeroGrad()',
    () => display(optimizer),
  );
  checkFunctions('Trainer', { nextBatch, schedule, afterBackward });
  checkWhole('Trainer', { steps, startStep });
  check(
    (startStep as number) <= (steps as number),
    'Trainer',
    'startStep ≤ steps',
    () => `${startStep} and ${steps}`,
  );
  checkWhole('Trainer', { accumulate }, 1);
  check((clip as number) > 0, 'Trainer', 'clip is a number > 0', () => display(clip));
  check(Array.isArray(hooks), 'Trainer', 'hooks are a list of functions', () => display(hooks));
  checkFunctions('Trainer', Object.fromEntries(hooks.map((hook, i) => [`hook ${i}`, hook])));
  return options;
}

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
