/** From the log probabilities of CTC's frames to symbols: plain numbers, nothing differentiated. */
import { check, checkWhole, fail, withDefaults } from '../tensor/index.ts';

/** The log probabilities of all symbols at each frame. */
export type CtcFrames = readonly ArrayLike<number>[];

/** The options of `ctcBeamSearch`. */
export interface CtcBeamOptions {
  /** Number of prefixes that are kept from frame to frame. Default 8. */
  readonly beams?: number;
  /** The class that stands for "no symbol". Default 0. */
  readonly blank?: number;
}

/** What a search found. */
export interface CtcHypothesis {
  readonly symbols: number[];
  /** ln of the sum over the paths that were followed; over all that spell the symbols, if beams suffice. */
  readonly logProbability: number;
}

/** The symbols that a path spells: repeats merged, then blanks dropped. */
export function ctcCollapse(path: readonly number[], blank = 0): number[] {
  return path.filter((symbol, t) => symbol !== blank && symbol !== path[t - 1]);
}

/**
 * The symbols that the single most probable path spells: the best class of each frame, of equals the first.
 * Other symbols may be likelier, by the sum of many paths: see `ctcBeamSearch`.
 *
 * Graves et al., "Connectionist Temporal Classification", ICML 2006, §3.2
 */
export function ctcGreedy(frames: CtcFrames, blank = 0): number[] {
  checkFrames('ctcGreedy', frames, blank);
  const path = frames.map((row) => {
    let best = 0;
    for (let symbol = 1; symbol < row.length; symbol++) if (row[symbol]! > row[best]!) best = symbol;
    return best;
  });
  return ctcCollapse(path, blank);
}

/**
 * The paths so far that spell a prefix, by how they end: ln p of those that end in a blank, and of the
 * others.
 */
interface Prefix {
  readonly symbols: number[];
  blank: number;
  symbol: number;
}

/**
 * The symbols with the most probable sum of paths that a search along the best prefixes finds.
 *
 *   p_b(ℓ at t) = (p_b + p_s)(ℓ at t − 1)·p(blank at t)                       paths that end in a blank
 *   p_s(ℓ at t) = p_s(ℓ at t − 1)·p(last of ℓ at t)                           in its last symbol, held
 *               + (p_b + p_s)(ℓ without its last)·p(last of ℓ at t)           or new
 *
 * where a symbol equal to the one before it needs a blank between: then only p_b of the shorter prefix
 * counts. Everything in log space. With as many beams as there are prefixes the result is exact.
 *
 * Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition", arXiv:1408.2873, without
 * language model
 */
export function ctcBeamSearch(frames: CtcFrames, options: CtcBeamOptions = {}): CtcHypothesis {
  const settings = withDefaults<Required<CtcBeamOptions>>('ctcBeamSearch', options, { beams: 8, blank: 0 });
  checkWhole('ctcBeamSearch', { blank: settings.blank });
  checkWhole('ctcBeamSearch', { beams: settings.beams }, 1);
  let live: Prefix[] = [{ symbols: [], blank: 0, symbol: NONE }];
  checkFrames('ctcBeamSearch', frames, settings.blank);
  for (const row of frames) {
    live = extended(live, row, settings.blank).slice(0, settings.beams);
  }
  const { symbols, ...best } = live[0]!;
  return { symbols, logProbability: logAdd(best.blank, best.symbol) };
}

/** All prefixes after one more frame, the most probable first. */
function extended(live: readonly Prefix[], row: ArrayLike<number>, blank: number): Prefix[] {
  const found = new Map<string, Prefix>();
  const at = (symbols: number[]): Prefix => {
    const key = symbols.join();
    const known = found.get(key) ?? { symbols, blank: NONE, symbol: NONE };
    found.set(key, known);
    return known;
  };
  for (const prefix of live) {
    const total = logAdd(prefix.blank, prefix.symbol);
    const last = prefix.symbols.at(-1);
    const same = at(prefix.symbols);
    same.blank = logAdd(same.blank, total + row[blank]!);
    if (last !== undefined) same.symbol = logAdd(same.symbol, prefix.symbol + row[last]!);
    for (let symbol = 0; symbol < row.length; symbol++) {
      if (symbol === blank) continue;
      const longer = at([...prefix.symbols, symbol]);
      longer.symbol = logAdd(longer.symbol, (symbol === last ? prefix.blank : total) + row[symbol]!);
    }
  }
  const ranked = [...found.values()].map((prefix) => ({ prefix, p: logAdd(prefix.blank, prefix.symbol) }));
  return ranked.sort((a, b) => b.p - a.p).map(({ prefix }) => prefix);
}

function checkFrames(where: string, frames: CtcFrames, blank: number): void {
  const classes = frames[0]?.length ?? 0;
  const isClass = frames.length === 0 || (Number.isInteger(blank) && blank >= 0 && blank < classes);
  check(isClass, where, `the blank is one of the ${classes} classes`, () => `${blank}`);
  for (const [t, row] of frames.entries()) {
    check(
      row.length === classes,
      where,
      `every frame has ${classes} classes, as the first`,
      () => `${row.length} at frame ${t}`,
    );
    for (let symbol = 0; symbol < classes; symbol++)
      if (Number.isNaN(row[symbol]))
        fail(where, 'log probabilities are numbers', `NaN at frame ${t}`, 'did training diverge?');
  }
}

const NONE = Number.NEGATIVE_INFINITY;

/** ln(eᵃ + eᵇ); −∞ of twice −∞, where the usual formula would be NaN. */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === NONE ? NONE : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}
