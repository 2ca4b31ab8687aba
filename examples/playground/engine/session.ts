/** A run under way: the library's own training loop, held at a gate between steps. */
import { manualSeed } from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { combine, warmupCosine } from 'scratchformer/optimizers';
import { type StepEvent, Trainer } from 'scratchformer/train';
import { makeOptimizers, type Optimizers } from './optimizers.ts';
import type { Run } from './run.ts';
import { makeTask, type Task } from './tasks/index.ts';

/** The numbers of one step. */
export type Step = Pick<StepEvent, 'step' | 'loss' | 'lr' | 'gradientNorm'>;

export class Session {
  readonly run: Run;
  readonly task: Task;
  readonly model: GPT;
  readonly optimizers: Optimizers;
  readonly #trainer: Trainer;
  /** Steps that may still pass the gate. */
  #open = 0;
  #pass: () => void = () => {};
  #rested: () => void = () => {};
  #training: Promise<void> | null = null;

  /** @param onStep called after every step. */
  constructor(run: Run, onStep: (step: Step) => void = () => {}) {
    manualSeed(run.seed);
    this.run = run;
    this.task = makeTask(run.task, run);
    const { task, text: _text, context: _context, optimizer, lr, weightDecay, ...others } = run;
    const { batchSize, steps, seed: _seed, ...model } = others;
    const { vocabulary, context } = this.task;
    this.model = new GPT({ ...model, vocabSize: vocabulary.length, context, initStd: 0.1 });
    this.optimizers = makeOptimizers(this.model, optimizer, { lr, weightDecay });
    this.#trainer = new Trainer({
      model: this.model,
      optimizer: combine(...Object.values(this.optimizers)),
      nextBatch: () => this.task.nextBatch(batchSize),
      schedule: warmupCosine({ peak: lr, floor: lr / 50, warmup: steps / 20, steps }),
      steps,
      maxSkipped: 10,
      hooks: [
        ({ step, loss, lr, gradientNorm }) => onStep({ step, loss, lr, gradientNorm }),
        () => this.#gate(),
      ],
    });
  }

  get step(): number {
    return this.#trainer.step;
  }

  get finished(): boolean {
    return this.#trainer.finished;
  }

  /** Trains for so many steps, or until `pause`; the promise is kept when it rests again. */
  async advance(steps: number): Promise<void> {
    if (this.finished || steps < 1) return;
    this.#rested(); // an earlier call, if there is one, has ended
    const resting = new Promise<void>((resolve) => {
      this.#rested = resolve;
    });
    this.#open = steps;
    if (this.#training === null) this.#training = this.#trainer.run();
    else this.#pass();
    await Promise.race([resting, this.#training]);
  }

  pause(): void {
    this.#open = 0;
  }

  /** Ends the run for good. */
  end(): void {
    this.pause();
    this.#trainer.stop();
    this.#pass();
  }

  /** Holds the loop until more steps are wanted. */
  async #gate(): Promise<void> {
    if (this.#open > 0) this.#open--;
    if (this.#open > 0 || this.#trainer.isLast) return;
    this.#rested();
    await new Promise<void>((resolve) => {
      this.#pass = resolve;
    });
  }
}
