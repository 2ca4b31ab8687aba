import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tokens } from '../data/index.ts';
import { fail } from '../tensor/index.ts';
import { bitsPerByte, evaluateLoss, every, type Hook, scoredBytes } from '../train/index.ts';
import { usingAverages } from './averages.ts';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';
import type { Progress } from './progress.ts';
import { indented, sampleText } from './samples.ts';
import { unitOf } from './tokenizer.ts';
import type { Recorder } from './watch/recorder.ts';

/**
 * Appends one line of JSON to the metrics, without times: the same run writes the same bytes. Numbers that
 * JSON does not know are strings: "NaN", "Infinity".
 */
export function logMetrics(out: string, values: Record<string, number | boolean>): void {
  const path = join(out, files.metrics);
  try {
    appendFileSync(path, `${JSON.stringify(values, finiteOrText)}\n`);
  } catch (error) {
    const hint = 'make room or mend the folder, then go on from the last checkpoint with --resume';
    fail(`metrics ${path}`, 'the file can be written', (error as Error).message, hint);
  }
}

function finiteOrText(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}

/** Logs loss, rate and gradient norm of every step, and whether it was skipped. */
export function metrics(out: string): Hook {
  return ({ step, loss, lr, gradientNorm, skipped }) =>
    logMetrics(out, { step, loss, lr, gradientNorm, ...(skipped && { skipped }) });
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
    const { loss, bits, best, extent } = validate(run, corpus, 4096);
    logMetrics(out, { step, validationLoss: loss, validationBitsPerByte: bits });
    run.track.evaluated(step, loss);
    const bound = best === undefined ? '' : `; best possible ${best.toFixed(3)}`;
    const both = `${loss.toFixed(3)}, ${bits.toFixed(3)} bits per byte`;
    print(`step ${step}: validation loss ${both} (${extent}${bound})`);
    if (!Number.isFinite(loss)) return;
    const sample = sampleText(run.model, corpus);
    print(indented(sample));
    recorded?.sample(step, sample);
  };
  const averaged: Hook = (event) => usingAverages(run, () => evaluate(event));
  return every(run.config.evalEvery, averaged, { whenStopped: false });
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
export function validate({ model, config }: Run, corpus: Corpus, most: number): Validation {
  const { validation, tokenizer } = corpus;
  const part = validation.subarray(0, Math.min(most, validation.length));
  const context = Math.min(config.model.context, part.length - 1);
  const stride = Math.max(1, Math.floor(context / 4));
  const units = `${unitOf(tokenizer)}s`;
  const [count, all] = [part.length, validation.length].map((value) => value.toLocaleString('en-US'));
  const loss = evaluateLoss(model, part, { context, stride, batchSize: 16 });
  const best = bestPossible(corpus, part);
  return {
    loss,
    bits: bitsPerByte(loss, part, tokenizer),
    ...(best !== undefined && { best }),
    extent: count === all ? `on all ${all} ${units}` : `on the first ${count} of ${all} ${units}`,
  };
}

/** The lowest possible loss on tokens of the corpus, in nats per token, where it is known. */
export function bestPossible({ grammar, tokenizer }: Corpus, tokens: Tokens): number | undefined {
  if (!grammar) return undefined;
  return (grammar.entropy * scoredBytes(tokens, tokenizer)) / (tokens.length - 1); // ASCII: a byte is a character
}
