import {
  check,
  checkFunctions,
  checkWhole,
  display,
  type RandomStream,
  randomBelow,
  randomStream,
  required,
  withDefaults,
} from '../tensor/index.ts';
import { pad } from './padding.ts';
import type { EncodedAnswer } from './promptAnswers.ts';
import type { ScoredBatch } from './tokens.ts';

/** The options of `answerBatch`. */
export interface AnswerBatchOptions {
  /** Token that fills the inputs up; causal attention never sees it. Default 0. */
  readonly padding?: number;
}

/**
 * Makes one batch (B, T) of encoded answers, padded at the right to the longest, with −100 as target there. A
 * causal model needs no mask for it: no position sees what follows.
 */
export function answerBatch(
  answers: readonly EncodedAnswer[],
  options: AnswerBatchOptions = {},
): ScoredBatch {
  const { padding } = withDefaults<Required<AnswerBatchOptions>>('answerBatch', options, { padding: 0 });
  checkWhole('answerBatch', { padding });
  check(Array.isArray(answers), 'answerBatch', 'answers are a list', () => display(answers));
  const inputs = pad(answers.map((answer) => answer.inputs), padding).tokens; // biome-ignore format: one line
  const targets = pad(answers.map((answer) => answer.targets), -100).tokens; // biome-ignore format: one line
  return { inputs, targets, scored: targets.data.filter((target) => target !== -100).length };
}

/** The options of `randomAnswers`. */
export interface RandomAnswersOptions extends AnswerBatchOptions {
  /** B, answers in a batch. */
  readonly batchSize: number;
  /** Random numbers in [0, 1). Default: the stream 'batch'. */
  readonly random?: RandomStream | undefined;
}

/** B encoded answers, all equally likely, as `answerBatch` makes a batch of them. */
export function randomAnswers(answers: readonly EncodedAnswer[], options: RandomAnswersOptions): ScoredBatch {
  const where = 'randomAnswers';
  const all = withDefaults<Required<RandomAnswersOptions>>(where, options, {
    batchSize: required,
    padding: 0,
    random: undefined,
  });
  const { batchSize, padding, random = randomStream('batch') } = all;
  checkWhole(where, { batchSize }, 1);
  checkFunctions(where, { random });
  check(answers?.length > 0, where, 'there is at least one answer', () => display(answers));
  const drawn = Array.from({ length: batchSize }, () => answers[randomBelow(answers.length, random)]!);
  return answerBatch(drawn, { padding });
}
