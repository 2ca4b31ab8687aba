import { writeFileAtomic } from '../io/index.ts';
import type { Hook, StepEvent } from '../train/index.ts';
import type { LogFile } from './logFile.ts';

/** A file to be written. */
export type NewFile = readonly [path: string, bytes: Uint8Array];

/** The options of a `Saver`. */
export interface SaverOptions {
  /** Steps from one checkpoint to the next. */
  readonly interval: number;
  /** The step of the checkpoint that is there. */
  readonly startStep: number;
  /** The files that keep a step, in the order in which they are written. The last is the one to resume from. */
  readonly filesOf: (step: number, atInterval: boolean) => Iterable<NewFile>;
  /** Tells whether training ends here for good, although steps are left. */
  readonly isOver?: () => boolean;
  /** The metrics, which a checkpoint is never ahead of. */
  readonly log: Pick<LogFile, 'flush'>;
  readonly warn: (text: string) => void;
}

/**
 * Writes checkpoints: every so many steps and at the end. While steps are skipped the checkpoint of before
 * stays. One that cannot be written leaves the old one, is told of, and tried again at the next interval.
 */
export class Saver {
  readonly #options: SaverOptions;
  /** The step of the newest checkpoint. */
  saved: number;
  /** Whether the last checkpoint that was due could not be written. */
  failed = false;
  #due = false;

  constructor(options: SaverOptions) {
    this.#options = options;
    this.saved = options.startStep;
  }

  /** Goes last among the hooks: what stops training is seen by it. */
  readonly hook: Hook = async (event: StepEvent) => {
    const { interval, isOver = () => false } = this.#options;
    const { step, skipped, trainer } = event;
    const ends = trainer.finished || isOver();
    this.#due ||= step % interval === 0 || trainer.isLast;
    if (!this.#due || (skipped && !ends)) return;
    this.#due = false;
    await this.save(step, step % interval === 0 || trainer.finished);
  };

  /** Saves a step now. Errors: the state is none that can be saved. */
  async save(step: number, atInterval = false): Promise<void> {
    const { filesOf, log, warn } = this.#options;
    for (const [path, bytes] of filesOf(step, atInterval)) {
      try {
        log.flush();
        await writeFileAtomic(path, bytes);
      } catch (error) {
        this.failed = true;
        const kept = this.saved > 0 ? `the checkpoint of step ${this.saved} stays` : 'there is none yet';
        warn(`step ${step} is not saved, ${kept}: ${(error as Error).message}`);
        return;
      }
    }
    this.saved = step;
    this.failed = false;
  }
}
