/**
 * The words of the constructed language: stems made of random syllables, and the endings that say what a word
 * does.
 */
import seedrandom from 'seedrandom';
import { checkSeed, fail, randomBelow, suggest } from '../tensor/index.ts';
import { splitWords } from './grammar.ts';
import * as list from './storyWords.ts';

/** Class and number of a noun, which adjectives and verbs agree with. */
export type Agreement = 'sun' | 'moon' | 'plural';

/** subject, object, receiver (to whom), place (at), goal (to), price (for), theme (of). */
export type Case = 'subject' | 'object' | 'receiver' | 'place' | 'goal' | 'price' | 'theme';

const vowels: Record<Agreement, string> = { sun: 'u', moon: 'e', plural: 'i' };
const consonants: Record<Case, string> = {
  subject: '',
  object: 'n',
  receiver: 'l',
  place: 's',
  goal: 'sk',
  price: 'r',
  theme: 'm',
};

/** Of nouns and adjectives: a vowel for the agreement, then a consonant for the case. */
export const ending = (agreement: Agreement, role: Case): string => vowels[agreement] + consonants[role];
/** Behind the ending of a noun: 'the'. */
export const article = 'o';
/** Of verbs, which all tell of the past: they agree with their subject. */
export const verbEnding = (agreement: Agreement): string => `ad${vowels[agreement]}`;

export const names: ReadonlySet<string> = new Set(list.people.map(({ name }) => name));
export const adjectives: ReadonlySet<string> = new Set([
  ...list.looks,
  ...splitWords(`${list.colors} ${list.moods}`),
]);
export const verbs = splitWords(`was were ${list.found} kept gave hid sold ate had dreamed ${list.went}`);
/** Words that are never inflected. */
export const particles: ReadonlySet<string> = new Set(splitWords(`then there and ${list.numbers}`));

const singulars = splitWords(
  `boy girl home ${list.relatives} ${list.animals} ${list.drinks} ${list.times} ${list.furniture}`,
).concat(list.places.flatMap(({ name, things }) => [name, ...things]));
const others = list.places
  .flatMap(({ sights }) => sights.map((sight) => sight.split(' ')[0]!))
  .concat(splitWords(list.foods));
const plurals = new Set(
  others.filter((word) => /[^s]s$/.test(word)).concat(splitWords(list.animals).map((animal) => `${animal}s`)),
);
const singular = (word: string) => (plurals.has(word) ? word.slice(0, -1) : word);

const classes = new Map<string, Agreement>([
  ...list.people.map(({ name, he }) => [name, he === 'he' ? 'sun' : 'moon'] as const),
  ...splitWords('he him it boy dad brother uncle').map((word) => [word, 'sun'] as const),
  ...splitWords('she her girl mom sister aunt granny').map((word) => [word, 'moon'] as const),
]);

export interface Lexicon {
  stem(word: string): string;
  /** Of a noun, name or pronoun. */
  agreement(word: string): Agreement;
}

/** Another seed makes other words. Each stem is two syllables, such as `tamur`; no two words share one. */
export function makeLexicon(seed: string | number): Lexicon {
  checkSeed('translator', seed);
  const random = seedrandom.alea(String(seed));
  const one = (letters: string) => letters[randomBelow(letters.length, random)]!;
  const taken = new Set<string>();
  const newStem = (): string => {
    const stem =
      one('bdfghklmnprstvz') + one('aeiou') + one('bdgklmnprstv') + one('aeiou') + one('bdgklmnprtv');
    if (taken.has(stem)) return newStem();
    taken.add(stem);
    return stem;
  };
  const words = [
    ...singulars,
    ...others.map(singular),
    ...adjectives,
    ...verbs,
    ...particles,
    'one',
    'him',
    'own',
  ];
  const stems = new Map([...new Set(words)].map((word) => [word, newStem()]));
  for (const [form, word] of Object.entries({ were: 'was', her: 'him', his: 'own' }))
    stems.set(form, stems.get(word)!);
  const stem = (word: string) =>
    stems.get(singular(word)) ??
    fail('translate', 'the words are those of the stories', `"${word}"`, suggest(word, [...stems.keys()]));
  const agreement = (word: string) =>
    plurals.has(word) ? 'plural' : (classes.get(word) ?? (/[aeo]/.test(stem(word)[3]!) ? 'moon' : 'sun'));
  return { stem, agreement };
}
