/** What a grammar must satisfy for its entropy to be exact; see grammar.ts. */
import { check } from '../tensor/index.ts';

type Named = { readonly name: string };
type Known<V> = { has(variable: V): boolean };

/** Weights to probabilities that sum to 1. */
export function probabilities(weights: readonly number[]): readonly number[] {
  const invariant = 'every weight is a finite number above 0';
  for (const weight of weights) {
    check(
      weight > 0 && Number.isFinite(weight),
      'mix',
      invariant,
      () => `${weight}`,
      () => 'leave out what never occurs',
    );
  }
  check(
    weights.length > 0,
    'mix',
    'there is an option',
    () => 'none',
    () => "an optional part has '' as an option",
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Two equal values would give one text two derivations. */
export function distinct<T>({ name }: Named, values: readonly T[]): readonly T[] {
  const different = new Set(values).size;
  check(
    values.length > 0 && different === values.length,
    `draw '${name}'`,
    'there are values, all different',
    () => `${values.length} values, ${different} different`,
    () => 'look at what makes them from the variables given',
  );
  return values;
}

export function mustBeDrawn<V extends Named>(reads: readonly V[], drawn: Known<V>): void {
  const missing = reads.find((read) => !drawn.has(read));
  check(
    missing === undefined,
    'grammar',
    'a variable is drawn before it is read',
    () => `'${missing?.name}', not drawn`,
    () => 'draw it earlier in the same phrase, or around it; a branch of a choice forgets what it draws',
  );
}

export function mustBeNew<V extends Named>(variable: V, drawn: Known<V>): void {
  check(!drawn.has(variable), 'grammar', 'a variable is drawn once', () => `'${variable.name}' again`);
}
