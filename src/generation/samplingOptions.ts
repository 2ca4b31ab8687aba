import { check } from '../tensor/index.ts';

/** The options that shape the distribution of the next token. */
export interface SamplingOptions {
  /**
   * Divisor of the logits: below 1 sharpens, above 1 flattens; 0 takes the most probable token. Default 1.
   */
  readonly temperature?: number;
  /** Number of tokens that remain: the most probable, and what ties with the last of them. Default: all. */
  readonly topK?: number;
  /**
   * Probability p that remains: of the smallest set of most probable tokens that sum to at least p, of equals
   * the first. Default 1: all.
   */
  readonly topP?: number;
}

/** The default options: every token as probable as the model says. */
export const samplingDefaults: Required<SamplingOptions> = {
  temperature: 1,
  topK: Number.POSITIVE_INFINITY,
  topP: 1,
};

/** Checks the options of sampling; `where` starts the error. */
export function checkSampling(where: string, { temperature, topK, topP }: Required<SamplingOptions>): void {
  check(
    temperature >= 0 && temperature < Number.POSITIVE_INFINITY,
    where,
    'temperature ≥ 0',
    () => `${temperature}`,
  );
  check(
    topK >= 1 && (Number.isInteger(topK) || topK === Number.POSITIVE_INFINITY),
    where,
    'topK is a whole number ≥ 1',
    () => `${topK}`,
  );
  check(topP > 0 && topP <= 1, where, 'topP lies in (0, 1]', () => `${topP}`);
}
