import { kernels } from '../kernels/index.ts';
import { Parameter } from '../nn/index.ts';
import { check, display, fail, withDefaults } from '../tensor/index.ts';

/** The options of `clipGradNorm`. */
export interface ClipOptions {
  /**
   * Whether a gradient that is not finite is an error. Default true; false leaves all gradients as they are
   * and returns the norm, NaN or Infinity.
   */
  readonly errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients together so that their common norm is at most `maxNorm`: the direction of the step
 * stays.
 *
 *   ‖g‖ = √(Σ over all parameters of Σ g²)        g ← g·min(1, maxNorm/(‖g‖ + 1e-6))
 *
 * Parameters without a gradient are passed over, shared ones count once. A gradient that is not finite is an
 * error before anything is scaled: no factor repairs it, and one step with it would spoil every weight.
 *
 * @param parameters `model.parameters()`, or `model.namedParameters()` for errors that name the parameter
 * @param maxNorm > 0; Infinity only measures
 * @returns ‖g‖ before clipping
 *
 * As torch.nn.utils.clip_grad_norm_. Pascanu et al., "On the difficulty of training recurrent neural
 * networks", arXiv:1211.5063
 */
export function clipGradNorm(
  parameters: readonly Parameter[] | readonly (readonly [name: string, parameter: Parameter])[],
  maxNorm: number,
  options: ClipOptions = {},
): number {
  const { errorIfNonfinite } = withDefaults('clipGradNorm', options, { errorIfNonfinite: true });
  check(maxNorm > 0, 'clipGradNorm', 'maxNorm is > 0', () => display(maxNorm));
  if (!Array.isArray(parameters)) failList(parameters);
  const names = new Map<Parameter, string>();
  for (const [i, entry] of parameters.entries()) {
    const [name, parameter] = Array.isArray(entry) ? entry : [`parameter ${i}`, entry];
    if (!(parameter instanceof Parameter)) failList(parameters);
    names.set(parameter, name);
  }
  const gradients = [...names.keys()].flatMap(({ grad }) => (grad ? [grad] : []));
  const norm = Math.sqrt(kernels.sumSquares(gradients.map(({ memory }) => memory)));
  if (!Number.isFinite(norm)) {
    if (errorIfNonfinite) failNotFinite(names, norm);
    return norm;
  }
  const factor = maxNorm / (norm + 1e-6);
  if (factor < 1) {
    for (const { memory, storage } of gradients) {
      kernels.scale(memory, factor);
      storage.version++;
    }
  }
  return norm;
}

function failList(parameters: unknown): never {
  const hint = 'write model.parameters(), with the parentheses';
  fail('clipGradNorm', 'the first argument is a list of parameters', display(parameters), hint);
}

function failNotFinite(names: ReadonlyMap<Parameter, string>, norm: number): never {
  const hint = 'lower the learning rate, or find the op with detectAnomaly';
  for (const [{ grad }, name] of names) {
    const bad = grad?.values.find((value) => !Number.isFinite(value));
    if (bad !== undefined)
      fail('clipGradNorm', 'gradients are finite', `${bad} in the gradient of ${name}`, hint);
  }
  fail('clipGradNorm', 'the norm of the gradients is finite', `${norm}: their squares overflow`, hint);
}
