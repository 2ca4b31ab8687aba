import { defineOp } from '../autograd/index.ts';
import { check, display, empty, show, type Tensor, tensor, withDefaults, zeroed } from '../tensor/index.ts';
import { div } from './div.ts';
import { costOf, type Sequence, subtractShares } from './internal/ctcPaths.ts';
import { type Reduction, reduceLosses } from './internal/reduceLosses.ts';
import { checkFloat, checkTensors, packed } from './operands.ts';

/** The options of `ctcLoss`. */
export interface CtcOptions {
  /** Number of frames of each sequence; what lies behind them is not read. Default: all T. */
  readonly frames?: readonly number[] | null;
  /** The class that stands for "no symbol". Default 0. */
  readonly blank?: number;
  /**
   * The result: the 'mean' of cost / target length (default), the 'sum' of costs, or 'none': each of them.
   */
  readonly reduction?: Reduction;
  /** Counts a cost that is infinite (a target too long for its frames) as 0. Default false. */
  readonly zeroInfinity?: boolean;
}

/**
 * Connectionist temporal classification: the cost −log p(target), where p sums over all ways to spread the
 * symbols of the target over the frames.
 *
 *   p(target) = Σ over paths π that spell it  Πₜ p(πₜ at t)        dx[t, v] = −(share of paths with v at t)·dy
 *
 * A path spells what is left of it when repeats are merged and then blanks are dropped. Sums run in float64
 * and in log space (forward–backward). A target that no path can spell costs Infinity; its gradient is 0,
 * never NaN.
 *
 * Shapes: logProbabilities (B, T, V), as `logSoftmax` gives them; targets: B lists of classes, none of them
 * blank; result () or, for reduction 'none', (B).
 *
 * Graves et al., "Connectionist Temporal Classification", ICML 2006; values as torch.nn.functional.ctc_loss
 */
export function ctcLoss(
  logProbabilities: Tensor,
  targets: readonly (readonly number[])[],
  options: CtcOptions = {},
): Tensor {
  const settings = withDefaults<Required<CtcOptions>>('ctcLoss', options, {
    frames: null,
    blank: 0,
    reduction: 'mean',
    zeroInfinity: false,
  });
  const { frames, blank, reduction, zeroInfinity } = settings;
  checkArguments(logProbabilities, targets, frames, blank);
  const costs = costOfEach(logProbabilities, targets, frames, blank, zeroInfinity);
  if (reduction !== 'mean') return reduceLosses('ctcLoss', costs, reduction);
  const lengths = targets.map(({ length }) => Math.max(1, length));
  return reduceLosses('ctcLoss', div(costs, tensor(lengths, { dtype: costs.dtype })), reduction);
}

/** Saved: the log probabilities; backward finds the paths anew. */
const costOfEach = defineOp({
  name: 'ctcLoss',
  forward(
    logProbabilities: Tensor,
    targets: readonly (readonly number[])[],
    frames: readonly number[] | null,
    blank: number,
    zeroInfinity: boolean,
  ) {
    const costs = empty([targets.length], logProbabilities.dtype);
    sequencesIn(logProbabilities, targets, frames, blank).forEach((sequence, b) => {
      const cost = costOf(sequence);
      costs.data[b] = zeroInfinity && cost === Number.POSITIVE_INFINITY ? 0 : cost;
    });
    return { output: costs, saved: { logProbabilities, targets, frames, blank } };
  },
  backward(dy, { logProbabilities, targets, frames, blank }) {
    const dx = zeroed(logProbabilities.shape, logProbabilities.dtype);
    const factors = packed(dy).data;
    sequencesIn(logProbabilities, targets, frames, blank).forEach((sequence, b) => {
      subtractShares(dx.data, sequence, factors[b]!);
    });
    return [dx, null, null, null, null];
  },
});

function sequencesIn(
  x: Tensor,
  targets: readonly (readonly number[])[],
  frames: readonly number[] | null,
  blank: number,
): Sequence[] {
  const { data } = packed(x);
  const [, T, V] = x.shape as [number, number, number];
  return targets.map((target, b) => ({ data, start: b * T * V, V, frames: frames?.[b] ?? T, target, blank }));
}

function checkArguments(
  x: Tensor,
  targets: readonly (readonly number[])[],
  frames: readonly number[] | null,
  blank: number,
): void {
  checkTensors({ 'the first argument': x }, {}, 'ctcLoss');
  check(x.rank === 3, 'ctcLoss', 'log probabilities are (B, T, V)', () => show(x.shape));
  checkFloat(x, 'ctcLoss');
  const [B, T, V] = x.shape as [number, number, number];
  const isClass = (value: number) => Number.isInteger(value) && value >= 0 && value < V;
  check(isClass(blank), 'ctcLoss', `blank lies in [0, ${V})`, () => display(blank));
  check(
    Array.isArray(targets) && targets.length === B,
    'ctcLoss',
    `there is one target, a list of classes, for each of the ${B} sequences`,
    () => display(targets),
  );
  for (const [b, target] of (targets as readonly (readonly number[])[]).entries()) {
    const bad = target.find((value) => !isClass(value) || value === blank);
    check(
      bad === undefined,
      'ctcLoss',
      `symbols lie in [0, ${V}) and are not the blank ${blank}`,
      () => `${bad} in target ${b}`,
    );
  }
  check(
    frames === null ||
      (frames.length === B && frames.every((count) => Number.isInteger(count) && count >= 0 && count <= T)),
    'ctcLoss',
    `frames are ${B} whole numbers from 0 to ${T}`,
    () => display(frames),
  );
}
