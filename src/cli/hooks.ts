import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, randomState } from '../tensor/index.ts';
import { bitsPerByte, evaluateLoss, every, type Hook, saveCheckpoint, scoredBytes } from '../train/index.ts';
import type { Run } from './build.ts';
import { type Corpus, savedOf } from './corpus.ts';
import { files } from './folder.ts';
import type { Progress } from './progress.ts';
import { indented, sampleText } from './samples.ts';
import { unitOf } from './tokenizer.ts';

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
export function evaluation(out: string, run: Run, corpus: Corpus, { print }: Progress): Hook {
  const evaluate: Hook = ({ step }) => {
    const { loss, bits, best, extent } = validate(run, corpus, 4096);
    logMetrics(out, { step, validationLoss: loss, validationBitsPerByte: bits });
    const bound = best === undefined ? '' : `; best possible ${best.toFixed(3)}`;
    const both = `${loss.toFixed(3)}, ${bits.toFixed(3)} bits per byte`;
    print(`step ${step}: validation loss ${both} (${extent}${bound})`);
    print(indented(sampleText(run.model, corpus)));
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
      info: { config: run.config, ...savedOf(corpus, run.config) },
    });
  return every(run.config.evalEvery, save);
}

/** The result of `validate`. */
export interface Validation {
  /** Mean loss in nats per token. */
  readonly loss: number;
  /** The same in bits per byte. */
  readonly bits: number;
  /** The lowest possible loss, in nats per token, where it is known. */
  readonly best?: number;
  /** The part of the validation text that was scored, in words. */
  readonly extent: string;
}

/** Scores at most `most` tokens of the validation text; each is predicted from ¾ of a context or more. */
export function validate(
  { model, config }: Run,
  { validation, tokenizer, grammar }: Corpus,
  most: number,
): Validation {
  const part = validation.subarray(0, Math.min(most, validation.length));
  const context = Math.min(config.model.context, part.length - 1);
  const stride = Math.max(1, Math.floor(context / 4));
  const units = `${unitOf(tokenizer)}s`;
  const [count, all] = [part.length, validation.length].map((value) => value.toLocaleString('en-US'));
  const loss = evaluateLoss(model, part, { context, stride, batchSize: 16 });
  const bytesPerToken = scoredBytes(part, tokenizer) / (part.length - 1);
  return {
    loss,
    bits: bitsPerByte(loss, part, tokenizer),
    ...(grammar && { best: grammar.entropy * bytesPerToken }), // its text is ASCII: a byte is a character
    extent: count === all ? `on all ${all} ${units}` : `on the first ${count} of ${all} ${units}`,
  };
}
