import type { Parameter } from '../src/nn/parameter.ts';
import { withDefaults } from '../src/tensor/index.ts';
import { checkModel, type HasNamedParameters, matcher } from './parameterGroups.ts';

/** Some parameters of a model, which the rules for groups take as they take a model. */
export interface ModelPart extends HasNamedParameters {
  parameters(): Parameter[];
}

/** The options of `splitMatrices`. */
export interface SplitMatricesOptions {
  /**
   * Patterns of names that are no inner matrices, whatever their role. Default: the fields in which the
   * models here have their heads (`head`, `classHead`, `output`, …), and `depthwise`, a list of filters.
   */
  readonly exclude?: readonly (string | RegExp)[];
}

/**
 * Splits the parameters for `Muon` and another optimizer. Matrices are those of role `weight` with two axes;
 * the rest are embeddings, biases, gains, convolutions, and the head, whose rows stand for one token or class
 * each and are not mixed. Frozen ones (`requiresGrad` false) are in neither.
 *
 *     const { matrices, rest } = splitMatrices(model);
 */
export function splitMatrices(
  model: HasNamedParameters,
  options: SplitMatricesOptions = {},
): { matrices: ModelPart; rest: ModelPart } {
  const where = 'splitMatrices';
  const { exclude } = withDefaults<Required<SplitMatricesOptions>>(where, options, {
    exclude: [/^(\w*head|output|nextSentence)\./i, /\bdepthwise\./],
  });
  const isExempt = matcher(where, exclude);
  checkModel(where, model);
  const isMatrix = ([name, { role, rank }]: [string, Parameter]) =>
    role === 'weight' && rank === 2 && !isExempt(name);
  const named = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
  return {
    matrices: partOf(named.filter(isMatrix)),
    rest: partOf(named.filter((one) => !isMatrix(one))),
  };
}

function partOf(named: [name: string, parameter: Parameter][]): ModelPart {
  return { namedParameters: () => named, parameters: () => named.map(([, parameter]) => parameter) };
}
