import { check, checkIds, checkWhole, display, required, withDefaults } from '../tensor/index.ts';

/** A prompt, and the answer that a model is to learn. */
export interface PromptAnswer {
  readonly prompt: string;
  readonly answer: string;
}

/** The part of a tokenizer that encoding needs. */
export interface Encoder {
  encode(text: string): ArrayLike<number>;
}

/** The options of `promptAnswers`. */
export interface PromptAnswerOptions {
  /** T, the most positions that the model sees: prompt and answer together have at most one token more. */
  readonly context: number;
  /** Token written after each answer, so that the model learns to end. Default: none. */
  readonly stop?: number | undefined;
}

/** A prompt with its answer as a model reads it: the target of each input is the token that follows. */
export interface EncodedAnswer {
  readonly inputs: Int32Array;
  /** The tokens of the answer; before them −100, the `ignoreIndex` of `crossEntropy`. */
  readonly targets: Int32Array;
}

/**
 * Encodes prompts and answers for fine-tuning, see `answerBatch`: the loss counts each token of the answers, the first of which
 * follows the last of the prompt, and no token of the prompts.
 *
 *   prompt a b c, answer d e     inputs a b c d     targets −100 −100 d e
 *
 * Each is encoded by itself, as in generation, where only the prompt is known. An empty prompt or answer, and
 * one that is too long together, is an error that tells which.
 */
export function promptAnswers(
  pairs: readonly PromptAnswer[],
  tokenizer: Encoder,
  options: PromptAnswerOptions,
): EncodedAnswer[] {
  const where = 'promptAnswers';
  const { context, stop } = withDefaults<Required<PromptAnswerOptions>>(where, options, {
    context: required,
    stop: undefined,
  });
  checkWhole(where, { context }, 1);
  const end = stop === undefined ? [] : [stop];
  checkIds(where, 'stop tokens', end);
  check(Array.isArray(pairs), where, 'pairs are a list', () => display(pairs));
  check(typeof tokenizer?.encode === 'function', where, 'the tokenizer has encode(text)', () => display(tokenizer)); // biome-ignore format: one line
  return pairs.map(({ prompt, answer }, i) => {
    const asked = Array.from(tokenizer.encode(prompt));
    const tokens = [...asked, ...Array.from(tokenizer.encode(answer)), ...end];
    const answered = tokens.length - asked.length - end.length;
    check(
      asked.length > 0 && answered > 0,
      where,
      'prompt and answer have at least one token each',
      () => `${asked.length} and ${answered} in pair ${i}`,
    );
    check(
      tokens.length <= context + 1,
      where,
      `prompt, answer and stop have at most context + 1 = ${context + 1} tokens`,
      () => `${tokens.length} in pair ${i}`,
      () => 'shorten it, leave it out, or take a model with a longer context',
    );
    const targets = Int32Array.from(tokens.slice(1)).fill(-100, 0, asked.length - 1);
    return { inputs: Int32Array.from(tokens.slice(0, -1)), targets };
  });
}
