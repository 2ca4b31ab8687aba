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
 */
import { randomBelow } from '../tensor/index.ts';
import { distinct, mustBeDrawn, mustBeNew, probabilities } from './grammarChecks.ts';
import {
  type Derivation,
  type Draw,
  type Draws,
  type Remembered,
  type Rule,
  recall,
  type Source,
  type Values,
  worlds,
} from './rule.ts';

type Part = Rule | string;
type Weighted = readonly [weight: number, option: Part];

/** Writes a function of remembered values. H = 0; E[characters] = Σ p(values) · length. */
export function say<const Reads extends Draws>(
  reads: Reads,
  write: (...values: Values<Reads>) => string,
): Rule {
  const written = (memory: Remembered) => write(...recall(memory, reads));
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
      return remember(soFar, allowed[randomBelow(allowed.length, random)] as T, allowed.length);
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

const asRule = (part: Part): Rule => (typeof part === 'string' ? say([], () => part) : part);

const chosen = (soFar: Derivation, p: number): Derivation => ({
  ...soFar,
  logProbability: soFar.logProbability + Math.log(p),
});

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
