import { Parameter } from '../src/nn/parameter.ts';
import { check, checkOptions, display, fail, withDefaults } from '../src/tensor/index.ts';

/** The options common to all optimizers; each adds its own. */
export interface OptimizerOptions {
  /** Learning rate. */
  readonly lr?: number;
}

/**
 * Parameters, and the options in which they differ from the rest. Plain data, so it can be written by hand.
 */
export type GroupInput<O> = Partial<O> & { readonly params: readonly Parameter[]; readonly name?: string };

/** The input of an optimizer: a list of parameters, or of groups of them. */
export type ParametersOrGroups<O> = readonly Parameter[] | readonly GroupInput<O>[];

/**
 * A group with every option filled in. All of it may be changed between steps:
 * `optimizer.groups[0].weightDecay = 0`.
 *
 * `lr` is `lrScale` times the base rate, `optimizer.lr`. Setting it sets `lrScale`, so that a schedule, which
 * sets the base rate, moves all groups together and keeps their ratios.
 */
export type Group<O> = { -readonly [K in keyof O]-?: O[K] } & {
  readonly params: readonly Parameter[];
  readonly name: string;
  lrScale: number;
};

/**
 * Fills in and checks everything; no parameter may occur twice. `base` is the owner of the base learning
 * rate.
 */
export function makeGroups<O extends OptimizerOptions>(
  where: string,
  input: ParametersOrGroups<O>,
  options: Required<O>,
  base: { readonly lr: number },
): Group<O>[] {
  const groups = asGroups(where, input).map(({ params, name, ...own }, i) => {
    const label = name ?? `group ${i}`;
    checkGiven(`${where}, ${label}`, own, options);
    const settings = withDefaults<Required<O>>(
      `${where}, ${label}`,
      own as object as Partial<Required<O>>,
      options,
    );
    return followBase<O>(where, { ...settings, params: [...params], name: label, lrScale: 1 }, base);
  });
  checkParameters(where, groups);
  return groups;
}

/** Checks that settings have the defaults' types, numbers are finite and ≥ 0, and betas lie in [0, 1). */
export function checkSettings(where: string, settings: object, defaults: object): void {
  const known = defaults as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) {
    const [good, kind] = fits(name, value, known[name]);
    check(good, where, `${name} is ${kind}`, () => display(value));
  }
}

/**
 * Checks the given options as `checkSettings` does; of unknown ones, the error of `withDefaults` says more.
 */
export function checkGiven(where: string, options: object, defaults: object): void {
  checkOptions(where, options, 'lr');
  const isGiven = ([name, value]: [string, unknown]) => Object.hasOwn(defaults, name) && value !== undefined;
  checkSettings(where, Object.fromEntries(Object.entries(options).filter(isGiven)), defaults);
}

function fits(name: string, value: unknown, like: unknown): [good: boolean, kind: string] {
  const isRate = (x: unknown) => typeof x === 'number' && x >= 0 && x < 1;
  if (name === 'betas')
    return [Array.isArray(value) && value.length === 2 && value.every(isRate), 'two numbers in [0, 1)'];
  if (typeof like === 'number')
    return [Number.isFinite(value) && (value as number) >= 0, 'a finite number ≥ 0'];
  return [typeof value === typeof like, `a ${typeof like}`];
}

/** Makes `lr` a product with the base rate; sealed, so that a misspelt option is an error here too. */
function followBase<O extends OptimizerOptions>(
  where: string,
  group: Group<O>,
  base: { readonly lr: number },
): Group<O> {
  const setLr = (lr: number) => {
    checkSettings(`${where}, ${group.name}`, { lr }, { lr: 0 });
    check(
      lr === base.lr || base.lr > 0,
      `${where}, ${group.name}`,
      'a learning rate of its own is a multiple of the base rate',
      () => `${lr} over a base of ${base.lr}`,
      () => 'give the optimizer a base lr > 0',
    );
    group.lrScale = lr === base.lr ? 1 : lr / base.lr;
  };
  setLr(group.lr as number);
  Object.defineProperty(group, 'lr', { enumerable: true, get: () => base.lr * group.lrScale, set: setLr });
  return Object.seal(group);
}

function asGroups<O>(where: string, input: ParametersOrGroups<O>): GroupInput<O>[] {
  check(
    Array.isArray(input),
    where,
    'the first argument is a list of parameters or of groups { params, … }',
    () => display(input),
    () => 'pass model.parameters(), or decayGroups(model, { weightDecay })',
  );
  const isGroup = (entry: unknown) =>
    typeof entry === 'object' && entry !== null && Array.isArray((entry as GroupInput<O>).params);
  if (input.some(isGroup)) {
    const other = input.find((entry) => !isGroup(entry));
    if (other !== undefined) fail(where, 'groups and single parameters are not mixed', display(other));
    return input as GroupInput<O>[];
  }
  return [{ params: input, name: 'all' } as unknown as GroupInput<O>];
}

function checkParameters<O>(where: string, groups: readonly Group<O>[]): void {
  const owner = new Map<unknown, string>();
  for (const { params, name } of groups) {
    for (const [i, parameter] of params.entries()) {
      const spot = `${name}[${i}]`;
      check(
        parameter instanceof Parameter,
        where,
        'optimizers change Parameters',
        () => `${display(parameter)} at ${spot}`,
        () => 'make one with new Parameter(values, { role })',
      );
      check(
        !owner.has(parameter),
        where,
        'each parameter is in one group, once',
        () => `the same ${display(parameter)} at ${owner.get(parameter)} and ${spot}`,
      );
      owner.set(parameter, spot);
    }
  }
  check(
    owner.size > 0,
    where,
    'there is at least one parameter',
    () => 'none',
    () => 'layers are found in the own fields of a module, in arrays and in plain objects there: are they?',
  );
}
