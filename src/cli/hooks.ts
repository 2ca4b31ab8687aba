import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, randomState } from '../tensor/index.ts';
import { evaluateLoss, every, type Hook, saveCheckpoint } from '../train/index.ts';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';
import type { Progress } from './progress.ts';
import { indented, sampleText } from './samples.ts';
import type { Recorder } from './watch/recorder.ts';

/** Appends one line of JSON to the metrics, without times: the same run writes the same bytes. */
export function logMetrics(out: string, values: Record<string, number>): void {
  const path = join(out, files.metrics);
  try {
    appendFileSync(path, `${JSON.stringify(values)}\n`);
  } catch (error) {
    const hint = 'make room or mend the folder, then go on from the last checkpoint with --resume';
    fail(`metrics ${path}`, 'the file can be written', (error as Error).message, hint);
  }
}

/** Logs loss, rate and gradient norm of every step. */
export function metrics(out: string): Hook {
  return ({ step, loss, lr, gradientNorm }) => logMetrics(out, { step, loss, lr, gradientNorm });
}

/**
 * Prints the loss on unseen text, and a sample to read. It draws random numbers, so a stop between two
 * intervals skips it.
 */
export function evaluation(
  out: string,
  run: Run,
  corpus: Corpus,
  { print }: Progress,
  recorded?: Recorder,
): Hook {
  const evaluate: Hook = ({ step }) => {
    const { loss, extent } = validate(run, corpus, 4096);
    logMetrics(out, { step, validationLoss: loss });
    const bound = corpus.grammar ? `; best possible ${corpus.grammar.entropy.toFixed(3)}` : '';
    print(`step ${step}: validation loss ${loss.toFixed(3)} (${extent}${bound})`);
    const sample = sampleText(run.model, corpus);
    print(indented(sample));
    recorded?.sample(step, sample);
  };
  return every(run.config.evalEvery, evaluate, { whenStopped: false });
}

/** Saves the checkpoint, also after the step in which training is stopped. */
export function saving(out: string, run: Run, corpus: Corpus): Hook {
  const save: Hook = ({ step }) =>
    saveCheckpoint(join(out, files.checkpoint), {
      step,
      model: run.model.stateDict(),
      optimizer: { ...run.optimizer.stateDict() },
      random: randomState(),
      info: { config: run.config, tokenizer: corpus.tokenizer.toJSON() },
    });
  return every(run.config.evalEvery, save);
}

/** The result of `validate`. */
export interface Validation {
  /** Mean loss in nats per character. */
  readonly loss: number;
  /** The part of the validation text that was scored, in words. */
  readonly extent: string;
}

/** Scores at most `most` characters of the validation text; each is predicted from ¾ of a context or more. */
export function validate({ model, config }: Run, { validation }: Corpus, most: number): Validation {
  const part = validation.subarray(0, most);
  const context = Math.min(config.model.context, part.length - 1);
  const stride = Math.max(1, Math.floor(context / 4));
  const [count, all] = [part.length, validation.length].map((value) => value.toLocaleString('en-US'));
  return {
    loss: evaluateLoss(model, part, { context, stride, batchSize: 16 }),
    extent: count === all ? `on all ${all} characters` : `on the first ${count} of ${all} characters`,
  };
}
