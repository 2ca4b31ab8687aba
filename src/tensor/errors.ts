import { closest, distance } from 'fastest-levenshtein';

/** Bad input. The message reads `where: the invariant. got …. hint.` */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Throws unless `condition` holds. `got` and `hint` are functions so that the usual, good case formats
 * nothing.
 */
export function check(
  condition: boolean,
  where: string,
  invariant: string,
  got: () => string,
  hint?: () => string,
): asserts condition {
  if (!condition) fail(where, invariant, got(), hint?.());
}

/** Throws an `InvariantError`: `where: the invariant. got …. hint.` */
export function fail(where: string, invariant: string, got: string, hint?: string): never {
  throw new InvariantError(`${where}: ${invariant}. got ${got}.${hint ? ` ${hint}.` : ''}`);
}

/** A value, for an error message: `"gelu"`, `[1, 2]`, `{ dim: 1 }`, `Linear`, `function tanh`. */
export function display(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(display).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  const { shape } = value as { shape?: unknown };
  const name = value.constructor?.name ?? 'Object';
  if (name !== 'Object') return Array.isArray(shape) ? `${name} of shape (${shape.join(', ')})` : name;
  const entries = Object.entries(value)
    .slice(0, 8)
    .map(([key, entry]) => `${key}: ${typeof entry === 'object' && entry ? '…' : display(entry)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}

/** A hint for a word that is not known: `did you mean "gelu"? known: gelu, relu, …`. */
export function suggest(word: unknown, known: readonly string[]): string {
  const text = String(word).toLowerCase();
  const best = known.length > 0 ? closest(text, [...known]) : '';
  const near = best !== '' && distance(text, best.toLowerCase()) <= Math.max(2, text.length / 2);
  return `${near ? `did you mean "${best}"? ` : ''}known: ${known.join(', ')}`;
}

/**
 * Default of an option that has none: `withDefaults` refuses options without it. It fits every type.
 *
 *     withDefaults<Required<NoamOptions>>('noam', options, { width: required, warmup: required, factor: 1 })
 */
export const required = Symbol('required') as never;

/** Options with everything filled in: no name may be left out, and no value is undefined. */
export type Complete<O> = { [Name in keyof O]-?: Exclude<O[Name], undefined> };

/** Options as they are given to a function: any may be left out, or be undefined, which is the same. */
type Given<O> = { readonly [Name in keyof O]?: O[Name] | undefined };

/**
 * Merges `options` over `defaults`. An option name that has no default is an error that names the nearest
 * known one; so is a value of another kind than a default that is a number, a boolean or a function, and a
 * `required` option that is not given.
 */
export function withDefaults<D extends object>(where: string, options: Given<D>, defaults: D): D {
  const known = Object.keys(defaults) as (keyof D & string)[];
  checkOptions(where, options, known[0]);
  for (const name of Object.keys(options) as (keyof D & string)[]) {
    if (!known.includes(name)) fail(where, 'every option is known', `"${name}"`, suggest(name, known));
    const expected = misfit(options[name], defaults[name]);
    if (expected !== null) fail(where, `${name} is ${expected}`, display(options[name]));
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all: D = { ...defaults, ...given };
  for (const name of known) if (all[name] === required) fail(where, `${name} is given`, 'nothing');
  return all;
}

/** Checks that options are an object, which positional arguments are not. */
export function checkOptions(where: string, options: unknown, example = 'name'): void {
  check(
    typeof options === 'object' && options !== null && !Array.isArray(options),
    where,
    'options are an object',
    () => display(options),
    () => `write { ${example}: … }`,
  );
}

/** The kind that an option should have, or null if it fits. Objects pass: they may be a tensor or a layer. */
function misfit(value: unknown, like: unknown): string | null {
  if (value === undefined || (typeof value === 'object' && value !== null)) return null;
  if (typeof like === 'boolean') return typeof value === 'boolean' ? null : 'a boolean';
  if (typeof like === 'number') return typeof value === 'number' ? null : 'a number';
  if (typeof like === 'function') return ['function', 'string'].includes(typeof value) ? null : 'a function';
  return null;
}
