import { noGrad } from '../autograd/index.ts';
import { argmax, logSoftmax, select } from '../ops/index.ts';
import { check, type FloatArray, required, type Tensor, withDefaults } from '../tensor/index.ts';
import { beamSearch } from './beamSearch.ts';

/** The options of `translateAll`. */
export interface TranslateOptions {
  /** The token that a translation starts with. */
  readonly start: number;
  /** The token that a translation ends with. */
  readonly stop: number;
  /** The most tokens of a translation, the stop token included. Default: the context. */
  readonly maxTokens?: number;
}

/** The options of `translate`. */
export interface BeamTranslateOptions extends TranslateOptions {
  /** Number of unfinished translations that are kept. Default 1: greedy. */
  readonly beams?: number | undefined;
  /** Exponent α ≥ 0, see `beamSearch`. Default 0.6, the first Transformer's. */
  readonly lengthPenalty?: number;
}

/** A model that has read its sources, as far as the search for translations needs to know it. */
export interface TranslationModel {
  readonly vocabSize: number;
  readonly context: number;
  /** Gives the logits (B, V) of the token that follows each of B prefixes of one length. */
  readonly nextLogits: (prefixes: readonly (readonly number[])[]) => Tensor;
}

/** The best translation of one source that a beam search finds, without the start and stop tokens. */
export function beamTranslation(
  model: TranslationModel,
  options: BeamTranslateOptions,
  where = 'translate',
): number[] {
  const { start, stop, maxTokens, ...search } = withDefaults<Required<BeamTranslateOptions>>(where, options, {
    start: required,
    stop: required,
    maxTokens: model.context,
    beams: undefined,
    lengthPenalty: 0.6,
  });
  checkSearch(where, model, { start, stop, maxTokens });
  const next = (prefixes: readonly (readonly number[])[]): FloatArray[] =>
    noGrad(() => {
      const logits = model.nextLogits(prefixes.map((prefix) => [start, ...prefix]));
      const logProbabilities = logSoftmax(logits);
      return prefixes.map((_, i) => select(logProbabilities, 0, i).toTypedArray() as FloatArray);
    });
  const { tokens } = beamSearch({ next, stop, maxTokens, ...search });
  return tokens.filter((token) => token !== stop);
}

/** The greedy translations of `count` sources at once, without their start and stop tokens. */
export function greedyTranslations(
  model: TranslationModel,
  count: number,
  options: TranslateOptions,
  where = 'translateAll',
): number[][] {
  const { start, stop, maxTokens } = withDefaults<Required<TranslateOptions>>(where, options, {
    start: required,
    stop: required,
    maxTokens: model.context,
  });
  checkSearch(where, model, { start, stop, maxTokens });
  const written = Array.from({ length: count }, () => [start]);
  for (let t = 0; t < maxTokens && !written.every((tokens) => tokens.includes(stop, 1)); t++) {
    const best = noGrad(() => argmax(model.nextLogits(written), -1).toTypedArray());
    for (const [i, tokens] of written.entries()) tokens.push(best[i]!);
  }
  return written.map(([, ...tokens]) =>
    tokens.includes(stop) ? tokens.slice(0, tokens.indexOf(stop)) : tokens,
  );
}

function checkSearch(
  where: string,
  { vocabSize, context }: TranslationModel,
  { start, stop, maxTokens }: Required<TranslateOptions>,
): void {
  for (const [name, token] of Object.entries({ start, stop })) {
    const good = Number.isInteger(token) && token >= 0 && token < vocabSize;
    check(good, where, `${name} is a token below ${vocabSize}`, () => `${token}`);
  }
  const fits = Number.isInteger(maxTokens) && maxTokens >= 1 && maxTokens <= context;
  check(fits, where, `maxTokens is a whole number from 1 to the context, ${context}`, () => `${maxTokens}`);
}
