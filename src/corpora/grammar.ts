/**
 * Probabilistic grammars with memory: a tiny language for texts whose entropy is known exactly.
 *
 *     phrase`${name} has ${article} ${pet}. `     one after the other
 *     oneOf('red', 'blue')   mix([3, a], [1, b])  one of several, with fixed weights
 *     draw('pet', [owner], (o) => o.pets)         draws one of several values, silently, and remembers it
 *     say([pet], (p) => p.noun)                   writes what the memory determines
 *
 * A value is remembered to the end of the phrase that draws it; what a branch of a choice draws, the branch
 * forgets. Weights never depend on the memory: that is what keeps the exact measure cheap.
 *
 * Every rule answers three questions itself, each by carrying what is known so far one step further: a random
 * derivation (`generate`), every derivation of a given text (`match`), the expectation over all of them
 * (`measure`).
 */
import { distinct, mustBeDrawn, mustBeNew, probabilities } from './grammarChecks.ts';

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
  readonly memory: Memory;
}
export type Memory = ReadonlyMap<Draw<unknown>, unknown>;

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
  readonly values: (memory: Memory) => readonly T[];
}
type Draws = readonly Draw<unknown>[];
type Values<Reads extends Draws> = { [I in keyof Reads]: Reads[I] extends Draw<infer T> ? T : never };
type Part = Rule | string;
type Weighted = readonly [weight: number, option: Part];

/** A random derivation of the whole grammar. */
export const generate = (rule: Rule, random: Random): Derivation => rule.generate(START, random);

/** Every derivation of exactly this text: none, one, or (where the grammar is ambiguous) several. */
export function derivations(rule: Rule, text: string): readonly Derivation[] {
  return derive(rule, { text, farthest: 0 });
}

const derive = (rule: Rule, source: Source): readonly Derivation[] =>
  [...rule.match(START, source)].filter((found) => found.text.length === source.text.length);

/** ln p of a text in nats; or where it stops being grammatical: the first character that nothing explains. */
export type Recognition =
  | { readonly grammatical: true; readonly logProbability: number }
  | { readonly grammatical: false; readonly at: number };

/** Whether the grammar derives this text. ln p(text) = ln Σ p(derivation). */
export function recognise(rule: Rule, text: string): Recognition {
  const source = { text, farthest: 0 };
  const found = derive(rule, source);
  if (found.length === 0) return { grammatical: false, at: source.farthest };
  const top = Math.max(...found.map(({ logProbability }) => logProbability)); // subtracted only for stability
  const sum = found.reduce((total, { logProbability }) => total + Math.exp(logProbability - top), 0);
  return { grammatical: true, logProbability: top + Math.log(sum) };
}

/**
 * The exact entropy of a derivation in nats, which is that of a text if no text has two; and the expected
 * length.
 */
export function measure(rule: Rule): { nats: number; characters: number } {
  const { nats, characters } = rule.measure({ nats: 0, characters: 0, drawn: new Set() });
  return { nats, characters };
}

const START: Derivation = { text: '', logProbability: 0, memory: new Map() };

/** Writes a function of remembered values. H = 0; E[characters] = Σ p(values) · length. */
export function say<const Reads extends Draws>(
  reads: Reads,
  write: (...values: Values<Reads>) => string,
): Rule {
  const written = (memory: Memory) => write(...recall(memory, reads));
  return {
    generate: (soFar) => ({ ...soFar, text: soFar.text + written(soFar.memory) }),
    *match(soFar, source) {
      const start = soFar.text.length;
      const expected = written(soFar.memory);
      const length = commonLength(expected, source.text, start);
      source.farthest = Math.max(source.farthest, start + length);
      if (length === expected.length) yield { ...soFar, text: soFar.text + expected };
    },
    measure(soFar) {
      mustBeDrawn(reads, soFar.drawn);
      let { characters } = soFar;
      for (const { probability, memory } of worlds(reads)) characters += probability * written(memory).length;
      return { ...soFar, characters };
    },
  };
}

/** A template tag: its literals and rules one after the other. Nats and characters add up. */
export function phrase(literals: TemplateStringsArray, ...holes: readonly Part[]): Rule {
  const parts = literals.flatMap((text, i) => [text, holes[i] ?? '']).filter((part) => part !== '');
  const rules = parts.map(asRule);
  function* matchFrom(i: number, soFar: Derivation, source: Source): Generator<Derivation> {
    const rule = rules[i];
    if (!rule) yield soFar;
    else for (const next of rule.match(soFar, source)) yield* matchFrom(i + 1, next, source);
  }
  return {
    generate: (soFar, random) => rules.reduce((known, rule) => rule.generate(known, random), soFar),
    match: (soFar, source) => matchFrom(0, soFar, source),
    measure: (soFar) => rules.reduce((known, rule) => rule.measure(known), soFar),
  };
}

/** One of several, p = weight / Σ weights. H = Σ p · (H(option) − ln p). */
export function mix(...options: readonly Weighted[]): Rule {
  const ps = probabilities(options.map(([weight]) => weight));
  const odds = options.map(([, option], i) => ({ rule: asRule(option), p: ps[i]! }));
  return {
    generate(soFar, random) {
      const { rule, p } = pick(odds, random());
      return { ...rule.generate(chosen(soFar, p), random), memory: soFar.memory };
    },
    *match(soFar, source) {
      for (const { rule, p } of odds)
        for (const found of rule.match(chosen(soFar, p), source)) yield { ...found, memory: soFar.memory };
    },
    measure(soFar) {
      let { nats, characters } = soFar;
      for (const { rule, p } of odds) {
        const option = rule.measure({ ...soFar, nats: 0, characters: 0 });
        nats += p * (option.nats - Math.log(p));
        characters += p * option.characters;
      }
      return { ...soFar, nats, characters };
    },
  };
}

/** One of several, all equally likely. H = ln n + Σ H(option) / n. */
export const oneOf = (...options: readonly Part[]): Rule =>
  mix(...options.map((option): Weighted => [1, option]));

/** One word of a list such as 'red green blue', all equally likely. H = ln n. */
export const words = (list: string): Rule => oneOf(...splitWords(list));
export const splitWords = (list: string): string[] => list.split(/\s+/).filter((word) => word !== '');

/** The option with probability p, else nothing. H = p · (H(option) − ln p) − (1−p) ln(1−p). */
export const maybe = (p: number, option: Part): Rule => mix([p, option], [1 - p, '']);

/**
 * Draws one of the values that earlier variables allow, all equally likely, and remembers it. H = E[ln n].
 */
export function draw<T, const Given extends Draws>(
  name: string,
  given: Given,
  values: (...known: Values<Given>) => readonly T[],
): Draw<T> {
  const remember = (soFar: Derivation, value: T, among: number): Derivation => ({
    ...chosen(soFar, 1 / among),
    memory: new Map(soFar.memory).set(self, value),
  });
  const self: Draw<T> = {
    name,
    given,
    values: (memory) => distinct(self, values(...recall(memory, given))),
    generate(soFar, random) {
      mustBeNew(self, soFar.memory);
      const allowed = self.values(soFar.memory);
      return remember(soFar, allowed[Math.floor(random() * allowed.length)] as T, allowed.length);
    },
    *match(soFar) {
      mustBeNew(self, soFar.memory);
      const allowed = self.values(soFar.memory);
      for (const value of allowed) yield remember(soFar, value, allowed.length);
    },
    measure(soFar) {
      mustBeNew(self, soFar.drawn);
      mustBeDrawn(given, soFar.drawn);
      let { nats } = soFar;
      for (const { probability, memory } of worlds(given))
        nats += probability * Math.log(self.values(memory).length);
      return { ...soFar, nats, drawn: new Set([...soFar.drawn, self]) };
    },
  };
  return self;
}

/** Every joint outcome of these variables, and of those they depend on, with its probability. */
function* worlds(draws: Draws, memory: Memory = START.memory, probability = 1): Generator<World> {
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
type World = { readonly memory: Memory; readonly probability: number };

const asRule = (part: Part): Rule => (typeof part === 'string' ? say([], () => part) : part);

const chosen = (soFar: Derivation, p: number): Derivation => ({
  ...soFar,
  logProbability: soFar.logProbability + Math.log(p),
});

function recall<Reads extends Draws>(memory: Memory, reads: Reads): Values<Reads> {
  mustBeDrawn(reads, memory);
  return reads.map((read) => memory.get(read)) as Values<Reads>;
}

/** The length of the common beginning of `expected` and of `text` from `start` on. */
function commonLength(expected: string, text: string, start: number): number {
  let length = 0;
  while (length < expected.length && expected[length] === text[start + length]) length++;
  return length;
}

function pick<O extends { readonly p: number }>(odds: readonly O[], random: number): O {
  let left = random;
  for (const option of odds) {
    left -= option.p;
    if (left < 0) return option;
  }
  return odds.at(-1)!; // reached only through rounding
}
