import type { Zoneout } from '../kernels/index.ts';
import { check, sameShape, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkProbability, drawSeed } from './internal/dropoutSeed.ts';
import { lstmStates } from './internal/lstmStates.ts';
import { checkSameDtype } from './operands.ts';
import { permute } from './permute.ts';
import { reshape } from './reshape.ts';
import { select, slice } from './slice.ts';

/** The options of the op `lstm`. */
export interface LSTMSettings {
  /** h before the first step, (B, H). Default zeros. */
  readonly h0?: Tensor | null;
  /** c before the first step, (B, H). Default zeros. */
  readonly c0?: Tensor | null;
  /** Probability with which an element of h keeps its previous value. Default 0. */
  readonly zoneoutHidden?: number;
  /** Probability with which an element of c keeps its previous value. Default 0. */
  readonly zoneoutCell?: number;
  /** Draws zoneout at random (true, the default), or takes its expectation (false). */
  readonly training?: boolean;
}

/** The states that the op `lstm` returns. */
export interface LSTMResult {
  /** h after each step, (B, T, H). */
  readonly hidden: Tensor;
  /** h after the last step, (B, H). */
  readonly h: Tensor;
  /** c after the last step, (B, H). */
  readonly c: Tensor;
}

/**
 * Long short-term memory over a whole sequence: a cell c that gates write to, forget from and read.
 *
 *   i, f, g, o = the quarters of x_t·Wxᵀ + h_{t−1}·Whᵀ + b, through σ, σ, tanh, σ
 *   c̃ = f ⊙ c_{t−1} + i ⊙ g,  h̃ = o ⊙ tanh c̃,  c_t = zoneout(c̃, c_{t−1}),  h_t = zoneout(h̃, h_{t−1})
 *
 * Backward through time, last step first, with da the gradient of the four sums (the kernel `lstmCellGrad`):
 *   dh_{t−1} += da_t·Wh
 * then at once for all steps
 *   dx = da·Wx,  dWx = daᵀ·x,  dWh = daᵀ·h₋₁,  db = Σ da
 *
 * Shapes: x (B, T, C), Wx = weightIH (4H, C), Wh = weightHH (4H, H), bias (4H) or null. In training each step
 * draws a seed for either zoneout in use (c first) from the random stream 'dropout', as `zoneout` does. The
 * masks are not stored.
 *
 * Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); forget gate: Gers,
 * Schmidhuber & Cummins, "Learning to Forget", 2000; zoneout: Krueger et al., arXiv:1606.01305
 */
export function lstm(
  x: Tensor,
  weightIH: Tensor,
  weightHH: Tensor,
  bias: Tensor | null = null,
  options: LSTMSettings = {},
): LSTMResult {
  const { h0, c0, ...zoneout } = withDefaults<Required<LSTMSettings>>('lstm', options, {
    h0: null,
    c0: null,
    zoneoutHidden: 0,
    zoneoutCell: 0,
    training: true,
  });
  checkShapes(x, weightIH, weightHH, bias, h0, c0);
  checkProbability('lstm', zoneout.zoneoutHidden);
  checkProbability('lstm', zoneout.zoneoutCell);
  const [B, T, H] = [x.shape[0]!, x.shape[1]!, weightHH.shape[1]!];
  const steps = Array.from({ length: T }, () => zoneoutOfStep(zoneout));
  const states = lstmStates(permute(x, [1, 0, 2]), weightIH, weightHH, bias, h0, c0, steps);
  const hidden = reshape(slice(states, { axis: 0, end: 1 }, { axis: 1, start: 1 }), [T, B, H]);
  const last = select(states, 1, T);
  return { hidden: permute(hidden, [1, 0, 2]), h: select(last, 0, 0), c: select(last, 0, 1) };
}

type ZoneoutSettings = Required<Omit<LSTMSettings, 'h0' | 'c0'>>;

function zoneoutOfStep({ zoneoutHidden: hidden, zoneoutCell: cell, training }: ZoneoutSettings): Zoneout {
  const seed = (p: number) => (p > 0 ? drawSeed() : 0);
  return { hidden, cell, seeds: training ? { cell: seed(cell), hidden: seed(hidden) } : null };
}

function checkShapes(
  x: Tensor,
  weightIH: Tensor,
  weightHH: Tensor,
  bias: Tensor | null,
  h0: Tensor | null,
  c0: Tensor | null,
) {
  const H = weightHH.shape[1];
  check(
    weightHH.rank === 2 && weightHH.shape[0] === 4 * H!,
    'lstm',
    'weightHH is (4H, H): four gates from H hidden values',
    () => show(weightHH.shape),
  );
  check(
    x.rank === 3 && weightIH.rank === 2 && weightIH.shape[0] === 4 * H! && weightIH.shape[1] === x.shape[2],
    'lstm',
    `x is (B, T, C) and weightIH (4H, C), with 4H = ${4 * H!}`,
    () => `x ${show(x.shape)} and weightIH ${show(weightIH.shape)}`,
  );
  check(
    bias === null || (bias.rank === 1 && bias.size === 4 * H!),
    'lstm',
    `the bias has shape (${4 * H!})`,
    () => show(bias!.shape),
  );
  for (const [name, state] of Object.entries({ h0, c0 })) {
    check(
      state === null || sameShape(state.shape, [x.shape[0]!, H!]),
      'lstm',
      `${name} has shape (B, H), (${x.shape[0]}, ${H})`,
      () => show(state!.shape),
    );
  }
  checkSameDtype([x, weightIH, weightHH, bias, h0, c0], 'lstm');
}
