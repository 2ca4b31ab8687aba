/**
 * The paths that CTC sums over, for one sequence. A path names a class for each frame; repeats merged and
 * blanks dropped, it spells the target. Its states are the target with blanks around each symbol:
 *
 *   target a b b   →   states  ␣ a ␣ b ␣ b ␣
 *
 * From frame to frame a path stays, goes to the next state, or leaves out a blank between two different
 * symbols.
 */
export interface Sequence {
  /** Log probabilities, (frames, V) in row-major order, and where they begin. */
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly V: number;
  readonly frames: number;
  readonly target: readonly number[];
  readonly blank: number;
}

/** log Σ exp of up to three numbers; −∞ of nothing but −∞, where the usual formula would be NaN. */
function logAdd(a: number, b: number, c: number): number {
  const most = Math.max(a, b, c);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(Math.exp(a - most) + Math.exp(b - most) + Math.exp(c - most));
}

/** The class that each state stands for, and whether a path may come to it from two states before. */
function statesOf({ target, blank }: Sequence): { classes: number[]; skips: boolean[] } {
  const classes = [blank, ...target.flatMap((symbol) => [symbol, blank])];
  const skips = classes.map((own, s) => s >= 2 && own !== blank && own !== classes[s - 2]);
  return { classes, skips };
}

/**
 * The beginnings of paths: αₜ(s) = log p of all that are in state s at frame t, that frame included.
 *
 *   αₜ(s) = log p(class of s at t) + log Σ exp(αₜ₋₁(s), αₜ₋₁(s − 1), and αₜ₋₁(s − 2) where a blank may be left out)
 *
 * A path begins in state 0 (a blank) or 1 (the first symbol).
 */
function beginnings(sequence: Sequence): Float64Array {
  const { data, start, V, frames } = sequence;
  const { classes, skips } = statesOf(sequence);
  const S = classes.length;
  const alpha = new Float64Array(frames * S);
  for (let t = 0; t < frames; t++) {
    const before = (t - 1) * S;
    for (let s = 0; s < S; s++) {
      const previous = s >= 1 && t > 0 ? alpha[before + s - 1]! : NONE;
      const skipped = skips[s] && t > 0 ? alpha[before + s - 2]! : NONE;
      const first = s <= 1 ? 0 : NONE;
      const sum = t === 0 ? first : logAdd(alpha[before + s]!, previous, skipped);
      alpha[t * S + s] = sum + data[start + t * V + classes[s]!]!;
    }
  }
  return alpha;
}

/**
 * The ends of paths: βₜ(s) = log p of all that go on from state s at frame t, that frame left out.
 *
 *   βₜ(s) = log Σ exp(βₜ₊₁(r) + log p(class of r at t + 1)) over the states r that s leads to
 *
 * A path ends in the last state (a blank) or the one before (the last symbol).
 */
function ends(sequence: Sequence): Float64Array {
  const { data, start, V, frames } = sequence;
  const { classes, skips } = statesOf(sequence);
  const S = classes.length;
  const beta = new Float64Array(frames * S);
  const through = new Float64Array(S + 2).fill(NONE); // of paths that go on through state r; none behind the last
  for (let t = frames - 1; t >= 0; t--) {
    for (let s = 0; s < S; s++) {
      if (t === frames - 1) beta[t * S + s] = s >= S - 2 ? 0 : NONE;
      else beta[t * S + s] = logAdd(through[s]!, through[s + 1]!, skips[s + 2] ? through[s + 2]! : NONE);
    }
    for (let r = 0; r < S; r++) through[r] = beta[t * S + r]! + data[start + t * V + classes[r]!]!;
  }
  return beta;
}

const NONE = Number.NEGATIVE_INFINITY;

/** −log p(target): Infinity if the frames are too few to spell it. */
export function costOf(sequence: Sequence, alpha = beginnings(sequence)): number {
  const S = 2 * sequence.target.length + 1;
  if (sequence.frames === 0) return S === 1 ? 0 : Number.POSITIVE_INFINITY;
  const last = alpha.subarray(-S);
  return -logAdd(last.at(-1)!, last.at(-2) ?? NONE, NONE);
}

/**
 * Subtracts from `gradient` the share of paths that use class v at frame t, times `factor`. That share is the
 * derivative of log p(target) by log p(v at t): Σ exp(αₜ(s) + βₜ(s) − log p(target)) over the states of class
 * v.
 */
export function subtractShares(gradient: { [i: number]: number }, sequence: Sequence, factor: number): void {
  const alpha = beginnings(sequence);
  const cost = costOf(sequence, alpha);
  if (!Number.isFinite(cost)) return; // no path: nothing to make likelier
  const { classes } = statesOf(sequence);
  const S = classes.length;
  const beta = ends(sequence);
  for (let t = 0; t < sequence.frames; t++) {
    for (let s = 0; s < S; s++) {
      const share = Math.exp(alpha[t * S + s]! + beta[t * S + s]! + cost);
      gradient[sequence.start + t * sequence.V + classes[s]!]! -= factor * share;
    }
  }
}
