/** Checks of options, each with one wording. All take the values by name: `checkFinite('Adam', { lr })`. */
import { check, display, fail } from './errors.ts';

type Named = Readonly<Record<string, unknown>>;

/** Checks that each of these, by its name, is a whole number that is not below `least` (default 0). */
export function checkWhole(where: string, numbers: Named, least = 0): void {
  for (const [name, value] of Object.entries(numbers)) {
    const good = Number.isInteger(value) && (value as number) >= least;
    if (good) continue;
    const hint = typeof value === 'object' ? 'write it as it is, without a name' : undefined;
    fail(where, `${name} is a whole number ≥ ${least}`, display(value), hint);
  }
}

/** Checks that each of these, by its name, is a finite number that is not below `least` (default: any). */
export function checkFinite(where: string, numbers: Named, least = Number.NEGATIVE_INFINITY): void {
  for (const [name, value] of Object.entries(numbers)) {
    const good = Number.isFinite(value) && (value as number) >= least;
    const bound = least === Number.NEGATIVE_INFINITY ? '' : ` ≥ ${least}`;
    if (!good) fail(where, `${name} is a finite number${bound}`, display(value));
  }
}

/** Checks that each of these, by its name, is a function. */
export function checkFunctions(where: string, functions: Named): void {
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== 'function') fail(where, `${name} is a function`, display(value));
  }
}

/** Checks that a seed is a string or a finite number, whose text then starts the generator. */
export function checkSeed(where: string, seed: unknown): void {
  const good = typeof seed === 'string' || Number.isFinite(seed);
  check(good, where, 'the seed is a string or a finite number', () => display(seed));
}

/** Checks ids of a table with `count` rows; Infinity if the number is not known. */
export function checkIds(
  where: string,
  what: string,
  ids: ArrayLike<number>,
  count = Number.POSITIVE_INFINITY,
): void {
  const isList = typeof ids === 'object' && typeof ids?.length === 'number';
  check(isList, where, `${what} are a list of ids`, () => display(ids));
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!Number.isInteger(id) || id < 0)
      fail(where, `${what} are whole numbers ≥ 0`, `${display(id)} at index ${i}`);
    if (id >= count) fail(where, `${what} lie in [0, ${count})`, `${id} at index ${i}`);
  }
}

/**
 * Checks that numbers may become int32, which cuts off fractions, but changes NaN and numbers beyond ±2³¹.
 */
export function checkInt32(where: string, values: ArrayLike<number>): void {
  if (values instanceof Int32Array) return;
  for (let i = 0; i < values.length; i++) {
    const whole = Math.trunc(values[i]!);
    if ((whole | 0) !== whole) {
      fail(
        where,
        'int32 holds the number',
        `${values[i]} at index ${i}`,
        'take a float dtype, float64 for large numbers',
      );
    }
  }
}
