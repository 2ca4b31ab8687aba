/**
 * Three rules for which parameters decay. Each splits a model's parameters into a group 'decay' and a group
 * 'noDecay', as plain data for an optimizer. Frozen ones (`requiresGrad` false) are in neither.
 *
 *   decayGroups              by role: weights (and embeddings) decay, biases and gains do not
 *   decayGroupsByName        by name, as BERT: what matches a pattern does not decay
 *   decayGroupsByDimension   by dimension, as nanoGPT: matrices and up decay, vectors do not
 *
 * All agree on a model of Linear, Embedding and normalization layers. They differ on what the rule cannot
 * see: a weight that is a vector, a bias that is a matrix, a bias with another name.
 */
import type { Parameter, Role } from '../src/nn/parameter.ts';
import { check, display, required, suggest, withDefaults } from '../src/tensor/index.ts';

/** The part of a model that the rules need to know. */
export interface HasNamedParameters {
  namedParameters(): [name: string, parameter: Parameter][];
}

/** A group of parameters that share one weight decay, as optimizers take it. */
export interface DecayGroup {
  readonly name: string;
  readonly params: readonly Parameter[];
  readonly weightDecay: number;
}

/** The options of `decayGroups`. */
export interface DecayOptions {
  /** Decay λ of the group 'decay'. */
  readonly weightDecay: number;
  /**
   * Whether embeddings decay. Default true, as in nanoGPT and BERT. A table shared with the output layer has
   * its one role.
   */
  readonly embeddings?: boolean;
}

/** The default rule: a parameter's role decides, which the layer that made it knows best. */
export function decayGroups(model: HasNamedParameters, options: DecayOptions): DecayGroup[] {
  const { weightDecay, embeddings } = withDefaults<Required<DecayOptions>>('decayGroups', options, {
    weightDecay: required,
    embeddings: true,
  });
  const decays: Record<Role, boolean> = { weight: true, embedding: embeddings, bias: false, gain: false };
  return split('decayGroups', model, weightDecay, (name, { role }) => {
    check(
      Object.hasOwn(decays, role),
      'decayGroups',
      'every role is routed',
      () => `${name} with role "${role}"`,
      () => suggest(`${role}`, Object.keys(decays)),
    );
    return decays[role];
  });
}

/** The list `exclude_from_weight_decay` of google-research/bert. */
export const bertExclude: readonly string[] = ['LayerNorm', 'layer_norm', 'bias'];

/** The options of `decayGroupsByName`. */
export interface DecayByNameOptions {
  /** Decay λ of the group 'decay'. */
  readonly weightDecay: number;
  /**
   * Patterns, searched for anywhere in the dotted name. Default: BERT's list and 'gain', the name
   * of what our normalizations multiply by (there it is LayerNorm/gamma; here fields have names of their own,
   * such as `blocks.0.norm1.gain`).
   */
  readonly exclude?: readonly (string | RegExp)[];
}

/** BERT's rule: what matches a pattern is exempt. */
export function decayGroupsByName(model: HasNamedParameters, options: DecayByNameOptions): DecayGroup[] {
  const { weightDecay, exclude } = withDefaults<Required<DecayByNameOptions>>('decayGroupsByName', options, {
    weightDecay: required,
    exclude: [...bertExclude, 'gain'],
  });
  const isExempt = matcher('decayGroupsByName', exclude);
  return split('decayGroupsByName', model, weightDecay, (name) => !isExempt(name));
}

/** Tells whether a name has one of the patterns of `exclude`. */
export function matcher(where: string, exclude: readonly (string | RegExp)[]): (name: string) => boolean {
  check(
    Array.isArray(exclude) &&
      exclude.every((pattern) => typeof pattern === 'string' || pattern instanceof RegExp),
    where,
    'exclude is a list of strings and regular expressions',
    () => display(exclude),
  );
  return (name) => exclude.some((pattern) => name.search(pattern) >= 0);
}

/** The options of `decayGroupsByDimension`. */
export interface DecayByDimensionOptions {
  /** Decay λ of the group 'decay'. */
  readonly weightDecay: number;
}

/** nanoGPT's rule: what has two or more axes decays. */
export function decayGroupsByDimension(
  model: HasNamedParameters,
  options: DecayByDimensionOptions,
): DecayGroup[] {
  const defaults = { weightDecay: required };
  const { weightDecay } = withDefaults<DecayByDimensionOptions>('decayGroupsByDimension', options, defaults);
  return split('decayGroupsByDimension', model, weightDecay, (_, { rank }) => rank >= 2);
}

function split(
  where: string,
  model: HasNamedParameters,
  weightDecay: number,
  decays: (name: string, parameter: Parameter) => boolean,
): DecayGroup[] {
  check(
    Number.isFinite(weightDecay) && weightDecay >= 0,
    where,
    'weightDecay is a finite number ≥ 0',
    () => `${weightDecay}`,
    () => 'pass { weightDecay: 0.1 }',
  );
  checkModel(where, model);
  // A shared parameter counts once, under the first of its names.
  const routes = new Map<Parameter, boolean>();
  for (const [name, parameter] of model.namedParameters()) {
    if (parameter.requiresGrad && !routes.has(parameter)) routes.set(parameter, decays(name, parameter));
  }
  const routed = (decay: boolean) =>
    [...routes].filter(([, route]) => route === decay).map(([parameter]) => parameter);
  const groups = [
    { name: 'decay', params: routed(true), weightDecay },
    { name: 'noDecay', params: routed(false), weightDecay: 0 },
  ];
  checkPartition(model, groups);
  return groups;
}

/** Checks that the rules can walk the model. */
export function checkModel(where: string, model: HasNamedParameters): void {
  const isModule = typeof model?.namedParameters === 'function';
  check(isModule, where, 'the model is a module, with namedParameters()', () => display(model));
}

/**
 * Checks that groups, made by hand perhaps, hold every parameter of the model exactly once, and no others.
 * Frozen ones may be left out.
 */
export function checkPartition(
  model: HasNamedParameters,
  groups: readonly { readonly params: readonly Parameter[] }[],
): void {
  const names = new Map<Parameter, string>();
  for (const [name, parameter] of model.namedParameters())
    if (!names.has(parameter)) names.set(parameter, name);
  const counts = new Map<Parameter, number>();
  for (const parameter of groups.flatMap(({ params }) => params))
    counts.set(parameter, (counts.get(parameter) ?? 0) + 1);
  const missing = [...names]
    .filter(([parameter]) => parameter.requiresGrad && !counts.has(parameter))
    .map(([, name]) => name);
  const repeated = [...counts]
    .filter(([, count]) => count > 1)
    .map(([parameter]) => names.get(parameter) ?? 'a stranger');
  const strangers = [...counts.keys()].filter((parameter) => !names.has(parameter)).length;
  check(
    missing.length + repeated.length + strangers === 0,
    'checkPartition',
    'every parameter of the model is in exactly one group',
    () => `in none: ${list(missing)}; more than once: ${list(repeated)}; not of the model: ${strangers}`,
  );
}

function list(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

/**
 * Describes groups, in one line for each:
 *
 *     decay: 26 tensors, 802,944 parameters (weight decay 0.1)
 *     no decay: 9 tensors, 1,152 parameters
 */
export function describeGroups(
  groups: readonly {
    readonly params: readonly Parameter[];
    readonly name?: string;
    readonly weightDecay?: number;
  }[],
): string {
  const lines = groups.map(({ params, name, weightDecay }, i) => {
    const label = name?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) ?? `group ${i}`;
    const count = params.reduce((total, { size }) => total + size, 0).toLocaleString('en-US');
    const tensors = `${params.length} ${params.length === 1 ? 'tensor' : 'tensors'}`;
    return `${label}: ${tensors}, ${count} parameters${weightDecay ? ` (weight decay ${weightDecay})` : ''}`;
  });
  return lines.join('\n');
}
