/**
 * The protocol of grammar rules. Every rule answers three questions itself, each by carrying what is known so
 * far one step further: a random derivation (`generate`), every derivation of a given text (`match`), the
 * expectation over all of them (`measure`).
 */
import { mustBeDrawn } from './grammarChecks.ts';

/** A rule of a grammar. */
export interface Rule {
  generate(soFar: Derivation, random: Random): Derivation;
  match(soFar: Derivation, source: Source): Generator<Derivation>;
  measure(soFar: Expectation): Expectation;
}

/**
 * A text and how it came about: ln p of the choices made (nats), and what is remembered. Never changed in
 * place.
 */
export interface Derivation {
  readonly text: string;
  readonly logProbability: number;
  readonly memory: Remembered;
}
/** The values of the variables drawn so far. */
export type Remembered = ReadonlyMap<Draw<unknown>, unknown>;

/**
 * Over all derivations: entropy H = E[−ln p] in nats, expected length in characters, and the variables drawn.
 */
export interface Expectation {
  readonly nats: number;
  readonly characters: number;
  readonly drawn: ReadonlySet<Draw<unknown>>;
}

/** A text to match; `farthest` is the index of the first character that no attempt has explained. */
export interface Source {
  readonly text: string;
  farthest: number;
}

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/** A variable, and at once the rule that draws it from the values that those of `given` allow. */
export interface Draw<out T> extends Rule {
  readonly name: string;
  readonly given: Draws;
  readonly values: (memory: Remembered) => readonly T[];
}
/** Some variables. */
export type Draws = readonly Draw<unknown>[];
/** The values of some variables. */
export type Values<Reads extends Draws> = { [I in keyof Reads]: Reads[I] extends Draw<infer T> ? T : never };

/** The derivation that every text begins with. */
export const START: Derivation = { text: '', logProbability: 0, memory: new Map() };

/** What is remembered of these variables. */
export function recall<Reads extends Draws>(memory: Remembered, reads: Reads): Values<Reads> {
  mustBeDrawn(reads, memory);
  return reads.map((read) => memory.get(read)) as Values<Reads>;
}

/** Every joint outcome of these variables, and of those they depend on, with its probability. */
export function* worlds(draws: Draws, memory: Remembered = START.memory, probability = 1): Generator<World> {
  const open = draws.find((one) => !memory.has(one));
  if (!open) yield { memory, probability };
  else if (open.given.some((one) => !memory.has(one)))
    yield* worlds([...open.given, ...draws], memory, probability);
  else {
    const values = open.values(memory);
    for (const value of values)
      yield* worlds(draws, new Map(memory).set(open, value), probability / values.length);
  }
}
type World = { readonly memory: Remembered; readonly probability: number };
