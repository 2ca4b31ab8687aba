/**
 * What one asks of a grammar: a random text, the derivations and the probability of a given one, the entropy.
 */
import { type Derivation, type Random, type Rule, type Source, START } from './rule.ts';

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
