import { type RandomState, randomState, restoreRandomState } from '../tensor/index.ts';
import { DivergedError, type Hook, type Trainer } from '../train/index.ts';
import { filesOfRun, moveAside } from './folder.ts';
import { onFirstInterrupt } from './interrupts.ts';
import type { Lock } from './lock.ts';
import type { Progress } from './progress.ts';
import type { Saver } from './saver.ts';

/**
 * Trains to the last step, or to the end of the step in which somebody interrupts. Returns the exit code that
 * says what came, 0 if nothing did.
 */
export async function runUntilInterrupted(
  trainer: Pick<Trainer, 'run' | 'stop'>,
  shown: Progress,
): Promise<number> {
  let code = 0;
  const forget = onFirstInterrupt((exitCode) => {
    code = exitCode;
    shown.print('finishing this step and saving; once more to quit at once');
    trainer.stop();
  });
  try {
    await trainer.run();
  } finally {
    forget();
    shown.stop();
  }
  return code;
}

/** Saves what a run has reached when it ends by an error. */
export class Rescue {
  #finished: { readonly step: number; readonly random: RandomState } | undefined;

  /** Goes after all other hooks. */
  readonly hook: Hook = ({ step }) => {
    this.#finished = { step, random: randomState() };
  };

  /**
   * Saves the last step whose update was done, with the random numbers of its end: what draws some in a step
   * that fails is forgotten. Nothing is saved of a run that diverged, nor in the folder of another.
   */
  async save(
    error: unknown,
    { step, skipped }: Pick<Trainer, 'step' | 'skipped'>,
    saver: Saver,
    lock: Lock,
  ): Promise<void> {
    try {
      lock.check();
      if (error instanceof DivergedError || skipped > 0 || saver.saved >= step) return;
      if (this.#finished?.step === step) restoreRandomState(this.#finished.random);
      await saver.save(step);
      if (!saver.failed) console.error(`step ${step} is saved; --resume goes on from there`);
    } catch {} // the first error is the one to tell
  }
}

/** Says after which step training stopped, and how to go on. */
export function sayStopped(
  command: string,
  out: string,
  { step }: { readonly step: number },
  saver: Saver,
): void {
  const from = saver.saved === step ? '' : ` (from the checkpoint of step ${saver.saved})`;
  console.log(
    `stopped after step ${step}; go on with: scratchformer ${command} --out ${out} --resume${from}`,
  );
}

/** Moves an earlier run in the folder aside, and says where. */
export async function setAside(out: string): Promise<void> {
  const earlier = await moveAside(out, filesOfRun(out));
  if (earlier) console.log(`${out} held an earlier run, which is now in ${earlier}`);
}
