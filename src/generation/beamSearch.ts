import {
  type Complete,
  check,
  checkFunctions,
  checkWhole,
  fail,
  required,
  withDefaults,
} from '../tensor/index.ts';

/** The options of `beamSearch`. */
export interface BeamSearchOptions {
  /** Gives ln p of every next token, for each of the prefixes. */
  readonly next: (prefixes: readonly (readonly number[])[]) => readonly ArrayLike<number>[];
  /** The token that ends a sequence. */
  readonly stop: number;
  /** The most tokens of a sequence, `stop` included. Default 100. */
  readonly maxTokens?: number;
  /** Number of unfinished sequences that are kept. Default 1: greedy. */
  readonly beams?: number | undefined;
  /** Exponent α ≥ 0: 0 (default) compares sums of ln p, which favours short sequences, 1 nearly means. */
  readonly lengthPenalty?: number;
}

/** A finished (or cut off) sequence, and how probable it is. */
export interface Hypothesis {
  /** The tokens; the last is `stop`, unless they were cut at `maxTokens`. */
  readonly tokens: readonly number[];
  /** Sum of ln p of the tokens. */
  readonly logProbability: number;
  /** ln p(Y) / lp(Y), by which sequences of different lengths are compared. */
  readonly score: number;
}

/**
 * The most probable sequence that a search along the `beams` best prefixes finds.
 *
 *   score(Y) = ln p(Y) / lp(Y),   lp(Y) = ((5 + |Y|)/6)^α
 *
 * In each step every prefix is continued by every token, and the best `beams` of all go on; those that end
 * leave. Since ln p only falls and lp only grows, the search ends as soon as no prefix can still beat the
 * best that is finished. Plain numbers: nothing here is differentiated.
 *
 * Length penalty: Wu et al., "Google's Neural Machine Translation System", arXiv:1609.08144, eq. 14
 */
export function beamSearch(options: BeamSearchOptions): Hypothesis {
  const { next, stop, maxTokens, beams, lengthPenalty } = withDefaults<Complete<BeamSearchOptions>>(
    'beamSearch',
    options,
    { next: required, stop: required, maxTokens: 100, beams: 1, lengthPenalty: 0 },
  );
  checkFunctions('beamSearch', { next });
  checkWhole('beamSearch', { stop });
  checkWhole('beamSearch', { maxTokens, beams }, 1);
  check(
    lengthPenalty >= 0 && lengthPenalty < Number.POSITIVE_INFINITY,
    'beamSearch',
    'lengthPenalty ≥ 0',
    () => `${lengthPenalty}`,
  );

  const penalty = (length: number) => ((5 + length) / 6) ** lengthPenalty;
  let best: Hypothesis | null = null;
  let live: Prefix[] = [{ tokens: [], logProbability: 0 }];
  while (live.length > 0) {
    const rows = next(live.map(({ tokens }) => tokens));
    check(
      rows.length === live.length && rows.every(({ length }) => length > 0),
      'beamSearch',
      'next gives ln p of all tokens for each prefix',
      () => `${rows.map(({ length }) => length).join(', ') || 'no'} numbers for ${live.length} prefixes`,
    );
    const candidates = continuations(live, rows, beams);
    live = [];
    for (const one of candidates) {
      const { length } = one.tokens;
      const score = one.logProbability / penalty(length);
      if (one.tokens.at(-1) !== stop && length < maxTokens) live.push(one);
      else if (!best || score > best.score) best = { ...one, score };
    }
    live = live.filter(({ logProbability }) => !best || logProbability / penalty(maxTokens) > best.score);
  }
  return best!;
}

interface Prefix {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/**
 * The best `count` of all prefixes continued by one token, best first; of equals, the earlier prefix and
 * token.
 */
function continuations(live: readonly Prefix[], rows: readonly ArrayLike<number>[], count: number): Prefix[] {
  const found: { from: Prefix; token: number; logProbability: number }[] = [];
  for (const [i, from] of live.entries()) {
    const row = rows[i]!;
    for (let token = 0; token < row.length; token++) {
      const logProbability = from.logProbability + row[token]!;
      // here, where every number is seen: a NaN among better ones would never become a candidate
      if (Number.isNaN(logProbability))
        fail('beamSearch', 'log probabilities are numbers', 'NaN', 'did training diverge?');
      if (found.length === count && !(logProbability > found.at(-1)!.logProbability)) continue;
      let place = found.length;
      while (place > 0 && logProbability > found[place - 1]!.logProbability) place--;
      found.splice(place, 0, { from, token, logProbability });
      if (found.length > count) found.pop();
    }
  }
  return found.map(({ from, token, logProbability }) => ({
    tokens: [...from.tokens, token],
    logProbability,
  }));
}
