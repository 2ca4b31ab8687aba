import { kernels } from '../src/kernels/index.ts';
import type { Parameter } from '../src/nn/parameter.ts';
import { check, checkWhole, display, type Memory, show, suggest } from '../src/tensor/index.ts';
import type { Group, ParametersOrGroups } from './groups.ts';
import { orthogonalize } from './newtonSchulz.ts';
import { Optimizer } from './optimizer.ts';
import { withTemporaries, zerosLike } from './state.ts';

/** The options of `Muon`, for all parameters or for one group. */
export interface MuonOptions {
  /** Learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Decay rate μ of the momentum. Default 0.95. */
  readonly momentum?: number;
  /** Whether steps go along (1 − μ)g + μb, where the momentum is about to be, instead of b. Default true. */
  readonly nesterov?: boolean;
  /** Decay λ of the weights. Default 0.1. */
  readonly weightDecay?: number;
  /** Coefficients a, b and c of the Newton–Schulz iteration. Default [3.4445, −4.775, 2.0315]. */
  readonly nsCoefficients?: readonly [number, number, number];
  /** Number of Newton–Schulz iterations. Default 5. */
  readonly nsSteps?: number;
  /** Least norm ε that a matrix is divided by. Default 1e-7. */
  readonly eps?: number;
  /**
   * Factor of the rate, for a matrix (out, in). Default 'original'.
   * 'original': √max(1, out/in), Jordan's · 'matchRmsAdamW': 0.2·√max(out, in), so that rates and decays
   * found for AdamW fit · 'spectralUnclamped': √(out/in), Bernstein's
   */
  readonly adjustLrFn?: keyof typeof adjustments;
}

const adjustments = {
  original: (out: number, into: number) => Math.sqrt(Math.max(1, out / into)),
  matchRmsAdamW: (out: number, into: number) => 0.2 * Math.sqrt(Math.max(out, into)),
  spectralUnclamped: (out: number, into: number) => Math.sqrt(out / into),
};

/**
 * Muon: each weight matrix moves along its momentum made orthogonal, as far in the directions that gradients
 * seldom have as in those that they always have. It takes weights with two axes; all else is another
 * optimizer's: see `splitMatrices` and `combine`.
 *
 *   b ← μb + (1 − μ)g
 *   o = orthogonalize((1 − μ)g + μb)               orthogonalize(b) without nesterov
 *   w ← w − lr·(λw + f·o)                          f by `adjustLrFn`
 *
 * Why: the momentum of a matrix is nearly of low rank. A few of its singular values exceed the rest by far,
 * and what the rest would teach is hardly learnt. With all of them about 1, it is. The price is fifteen
 * products of matrices for each weight and step, little beside those of a batch of many tokens, but not of a
 * few hundred; the state is half of AdamW's.
 *
 * As torch.optim.Muon, which however iterates in bfloat16; here it is in the precision of the weights.
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024;
 * Liu et al., "Muon is Scalable for LLM Training", arXiv:2502.16982; Bernstein, "Deriving Muon", 2025
 */
export class Muon extends Optimizer<MuonOptions, 'momentum', Memory> {
  protected override readonly takes = 'memory';

  constructor(params: ParametersOrGroups<MuonOptions>, options: MuonOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      momentum: 0.95,
      nesterov: true,
      weightDecay: 0.1,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      nsSteps: 5,
      eps: 1e-7,
      adjustLrFn: 'original',
    });
    for (const group of this.groups) checkGroup(`Muon, ${group.name}`, group);
  }

  protected override initialState(parameter: Parameter) {
    return { momentum: zerosLike(parameter) };
  }

  protected override update(
    w: Memory,
    g: Memory,
    { momentum: b }: Record<'momentum', Memory>,
    { lr, momentum, nesterov, weightDecay, adjustLrFn, ...iteration }: Group<MuonOptions>,
    _step: number,
    { shape }: Parameter,
  ): void {
    const [out, into] = shape as [number, number];
    const [keep, rate] = [1 - lr * weightDecay, lr * adjustments[adjustLrFn](out, into)];
    withTemporaries(w, [w.length], (direction) => {
      kernels.blend(b, b, g, momentum, 1 - momentum);
      if (nesterov) kernels.blend(direction, g, b, 1 - momentum, momentum);
      else kernels.blend(direction, b, null, 1, 0);
      orthogonalize(direction, [out, into], iteration);
      kernels.blend(w, w, direction, keep, -rate);
    });
  }
}

function checkGroup(
  where: string,
  { params, nsCoefficients, nsSteps, adjustLrFn }: Group<MuonOptions>,
): void {
  const known = Object.keys(adjustments);
  check(
    known.includes(adjustLrFn),
    where,
    'adjustLrFn is known',
    () => display(adjustLrFn),
    () => suggest(adjustLrFn, known),
  );
  check(
    Array.isArray(nsCoefficients) && nsCoefficients.length === 3 && nsCoefficients.every(Number.isFinite),
    where,
    'nsCoefficients are three finite numbers',
    () => display(nsCoefficients),
  );
  checkWhole(where, { nsSteps });
  const other = params.find(({ role, rank }) => role !== 'weight' || rank !== 2);
  check(
    other === undefined,
    where,
    'parameters have the role weight and two axes',
    () => `${other!.role} of shape ${show(other!.shape)}`,
    () => 'take the matrices of splitMatrices(model), and another optimizer for the rest',
  );
}
