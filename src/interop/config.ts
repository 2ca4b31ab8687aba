/** A config.json: what is read from it, and what must be so. */
import { check, display, sameShape } from '../tensor/index.ts';

/** The fields of a config.json, each read with a check. Errors start with `where`. */
export class Config {
  readonly where: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(where: string, json: unknown) {
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    check(isObject, where, 'the config is a JSON object', () => display(json));
    this.where = where;
    this.#fields = json as Record<string, unknown>;
  }

  /** The value of a field; undefined where it is missing or null. */
  get(name: string): unknown {
    return (Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined) ?? undefined;
  }

  /** A whole number ≥ 1. */
  size(name: string, otherwise?: number): number {
    const value = this.get(name) ?? otherwise;
    const good = Number.isSafeInteger(value) && (value as number) >= 1;
    check(good, this.where, `${name} is a whole number ≥ 1`, () => display(value));
    return value as number;
  }

  /** A finite number ≥ 0. */
  number(name: string, otherwise: number): number {
    const value = this.get(name) ?? otherwise;
    const good = Number.isFinite(value) && (value as number) >= 0;
    check(good, this.where, `${name} is a finite number ≥ 0`, () => display(value));
    return value as number;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise;
    check(typeof value === 'boolean', this.where, `${name} is true or false`, () => display(value));
    return value;
  }

  /** Checks fields that change what the model computes, and are read in one way only. */
  only(values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) {
      const got = this.get(name);
      const good = got === undefined || got === value;
      check(good, this.where, `${name} is ${display(value)}, which is what is read here`, () => display(got));
    }
  }
}

/**
 * Checks options of our model that the other format cannot say. `needed` has the values that each may have;
 * undefined is a default that is left alone.
 */
export function checkSayable(
  where: string,
  options: Readonly<Record<string, unknown>>,
  needed: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [name, values] of Object.entries(needed)) {
    check(
      values.includes(options[name]),
      where,
      `${name} is ${[...new Set(values)].map(display).join(' or ')}, all that the format can say`,
      () => display(options[name]),
    );
  }
}

/** Checks that a file has a tensor of this shape, before a model of that size is built. */
export function checkShape(
  where: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  name: string,
  shape: readonly number[],
): void {
  const got = shapes.get(name);
  check(
    got !== undefined && sameShape(got, shape),
    where,
    `${name} is (${shape.join(', ')}), as the config says`,
    () => (got ? `(${got.join(', ')})` : 'no such tensor'),
  );
}
