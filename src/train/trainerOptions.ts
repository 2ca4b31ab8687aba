import { Module } from '../nn/index.ts';
import {
  check,
  checkFunctions,
  checkWhole,
  display,
  required,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import type { StepEvent } from './trainer.ts';

/** A model that knows its own loss. */
export type Trainable<I = Tensor, T = Tensor> = Module & { loss(inputs: I, targets: T): Tensor };

/** A batch for a model that knows its own loss. */
export interface Pair<I = Tensor, T = Tensor> {
  readonly inputs: I;
  readonly targets: T;
}

/** The inputs of a language model: tokens, or tokens and what belongs to them (segments, a padding mask). */
export type Inputs = Tensor | { readonly tokens: Tensor };

/** The part of an optimizer that training needs. */
export interface TrainingOptimizer {
  lr: number;
  step(): void;
  zeroGrad(): void;
}

/** A function that is called after each step. */
export type Hook = (event: StepEvent) => void | Promise<void>;

/** The options of a `Trainer`, but for model and loss. */
interface LoopOptions<B> {
  readonly optimizer: TrainingOptimizer;
  /** Makes the next batch. */
  readonly nextBatch: () => B;
  /** The step at which training ends. */
  readonly steps: number;
  /**
   * Counts what a step reports as read, such as the images in a batch. Default: the tokens, if the batch has
   * `inputs` that are tokens or have some.
   */
  readonly units?: (batch: B) => number;
  /** Learning rate as a function of the step, from 0. Default: the optimizer's, unchanged. */
  readonly schedule?: (step: number) => number;
  /**
   * Called when the gradients of a step are complete, before they are clipped: to change them, or to share
   * them out.
   */
  readonly afterBackward?: () => void;
  /** Largest norm of all gradients together; Infinity only measures it. Default 1. */
  readonly clip?: number;
  /** Batches whose gradients are averaged for one step, all with the same weight. Default 1. */
  readonly accumulate?: number;
  /**
   * The most steps in a row that are skipped because their loss or gradient is not finite: they update
   * nothing, count as steps, and their event says so; one more is an error. Default 0: the first is.
   */
  readonly maxSkipped?: number;
  /** Functions that are called after each step, in order, and awaited. */
  readonly hooks?: readonly Hook[];
  /** Steps done before, when training is resumed. Default 0. */
  readonly startStep?: number;
  /** The last of them in a row that were skipped, `trainer.skipped` then. Default 0. */
  readonly startSkipped?: number;
}

type PartOf<B, Name> = Name extends keyof B ? B[Name] : never;

/** A model that knows the loss of a batch { inputs, targets }. */
interface OwnLoss<B> {
  readonly model: Trainable<PartOf<B, 'inputs'>, PartOf<B, 'targets'>>;
  readonly loss?: undefined;
}

/** Any model, and the loss of a batch of any kind. */
interface GivenLoss<B> {
  readonly model: Module;
  /** Computes the loss of a batch, a mean over what the batch has. */
  readonly loss: (batch: B) => Tensor;
}

/** The options of a `Trainer` with batches B: a model that knows its loss, or a model and the loss. */
export type TrainerOptions<B = Pair> = LoopOptions<B> & (OwnLoss<B> | GivenLoss<B>);

/** The options of a `Trainer`, with everything filled in. */
export type TrainerSettings<B> = TrainerOptions<B> & Required<LoopOptions<B>>;

/** The loss of a batch: `loss`, or else the model's own. */
export function lossOf<B>(model: Module, loss: ((batch: B) => Tensor) | undefined, batch: B): Tensor {
  if (loss) return loss(batch);
  const { inputs, targets } = batch as Pair<unknown, unknown>;
  return (model as Trainable<unknown, unknown>).loss(inputs, targets);
}

/** The number of tokens in a batch of language. */
export function tokensOf(batch: unknown): number {
  const { inputs } = batch as Partial<Pair<Inputs>>;
  const tokens = inputs instanceof Tensor ? inputs : inputs?.tokens;
  check(
    tokens instanceof Tensor,
    'Trainer',
    'a batch has inputs that are tokens, or have some',
    () => display(batch),
    () => 'give units: (batch) => …, for example the number of its images',
  );
  return tokens.size;
}

/** The options with everything filled in and checked. */
export function trainerSettings<B>(options: TrainerOptions<B>): TrainerSettings<B> {
  const where = 'Trainer';
  type All = Required<LoopOptions<B>> & { readonly model: Module; readonly loss: unknown };
  const { model, loss, ...rest } = withDefaults<All>(where, options, {
    model: required,
    optimizer: required,
    nextBatch: required,
    steps: required,
    loss: undefined,
    units: tokensOf,
    schedule: () => options.optimizer.lr,
    afterBackward: () => {},
    clip: 1,
    accumulate: 1,
    maxSkipped: 0,
    hooks: [],
    startStep: 0,
    startSkipped: 0,
  });
  const { optimizer, nextBatch, units, schedule, afterBackward, clip, hooks } = rest;
  const { steps, startStep, maxSkipped, startSkipped } = rest;
  checkTrainable(where, model, loss);
  check(
    typeof optimizer?.step === 'function' && typeof optimizer.zeroGrad === 'function',
    where,
    'optimizer has the methods step() and zeroGrad()',
    () => display(optimizer),
  );
  checkFunctions(where, { nextBatch, units, schedule, afterBackward });
  checkWhole(where, { steps, startStep, maxSkipped, startSkipped });
  check(startStep <= steps, where, 'startStep ≤ steps', () => `${startStep} and ${steps}`);
  checkWhole(where, { accumulate: rest.accumulate }, 1);
  check(clip > 0, where, 'clip is a number > 0', () => display(clip));
  check(Array.isArray(hooks), where, 'hooks are a list of functions', () => display(hooks));
  checkFunctions(where, Object.fromEntries(hooks.map((hook, i) => [`hook ${i}`, hook])));
  return { ...options, ...rest };
}

/** Checks that a model can be trained: it knows its loss, or there is one. */
export function checkTrainable(where: string, model: unknown, loss: unknown): void {
  const isModule = model instanceof Module;
  if (isModule && loss !== undefined) return checkFunctions(where, { loss });
  check(
    isModule && typeof (model as Partial<Trainable>).loss === 'function',
    where,
    'model is a module with a method loss(inputs, targets)',
    () => display(model),
    () => 'for batches of another kind, give loss: (batch) => …',
  );
}
