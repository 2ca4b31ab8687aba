import { inference, type Module } from '../nn/index.ts';
import { select } from '../ops/index.ts';
import {
  check,
  checkFunctions,
  checkIds,
  type FloatArray,
  type RandomStream,
  randomStream,
  type Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { sampleIndex, tokenDistribution } from './sampling.ts';
import { checkSampling, type SamplingOptions, samplingDefaults } from './samplingOptions.ts';

/** The options of a model's `generate` and `stream`. */
export interface GenerateOptions extends SamplingOptions {
  /** The most tokens that are written. Default 100. */
  readonly maxTokens?: number;
  /** The token after which generation ends. Default: none. */
  readonly stop?: number;
  /** Random numbers in [0, 1). Default: the stream 'sample'. */
  readonly random?: RandomStream | undefined;
}

/** A model that reads from left to right, as far as generation needs to know it. */
export interface NextTokenModel {
  readonly vocabSize: number;
  /**
   * The logits of the token that follows. `unread` is what was added since the last call: first the whole
   * prompt, then one token each time. `seen` is everything, with `unread` at its end.
   */
  readonly nextLogits: (unread: readonly number[], seen: readonly number[]) => FloatArray;
}

/** Writes after a prompt, one token at a time. */
export function* generateTokens(
  prompt: ArrayLike<number>,
  { vocabSize, nextLogits }: NextTokenModel,
  options: GenerateOptions = {},
): Generator<number> {
  const all = withDefaults<Required<GenerateOptions>>('generate', options, {
    maxTokens: 100,
    stop: -1,
    random: undefined,
    ...samplingDefaults,
  });
  const { maxTokens, stop, random = randomStream('sample'), ...sampling } = all;
  checkIds('generate', 'tokens of the prompt', prompt, vocabSize);
  check(
    prompt.length > 0,
    'generate',
    'the prompt has at least one token',
    () => 'an empty prompt',
    () => 'start with a line break, or with any token',
  );
  if (options.stop !== undefined) checkIds('generate', 'stop tokens', [stop], vocabSize);
  check(
    maxTokens === Number.POSITIVE_INFINITY || (Number.isInteger(maxTokens) && maxTokens >= 0),
    'generate',
    'maxTokens is a whole number ≥ 0',
    () => `${maxTokens}`,
  );
  checkFunctions('generate', { random });
  checkSampling('generate', sampling);
  const seen = Array.from(prompt);
  let unread: readonly number[] = seen.slice();
  for (let count = 0; count < maxTokens; count++) {
    const token = sampleIndex(tokenDistribution(nextLogits(unread, seen), sampling), random);
    seen.push(token);
    unread = [token];
    yield token;
    if (token === stop) return;
  }
}

/** The logits after the last token, of those (1, T, V) that a model gives in evaluation mode. */
export function lastLogits(model: Module, read: () => Tensor): FloatArray {
  return inference(model, () => select(select(read(), 0, 0), 0, -1).toTypedArray() as FloatArray);
}
