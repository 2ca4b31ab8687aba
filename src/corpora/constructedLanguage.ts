/**
 * A language of our own to translate into, unlike English wherever that is easy: the verb comes last,
 * adjectives follow their noun and agree with it, endings stand for prepositions and articles.
 *
 *     Nora and her happy uncle found a tiny red shell at the lake.
 *     Nora geken libedu homabu rituru zogivuso mutigun tidabun fivumun talaladi.
 *     Nora and   uncle  own    happy  lake·the shell   tiny    red     found
 *
 * Order: (then, there, or a time in the place case), subject, place, receiver, goal, object, price, verb. A
 * pronoun that is the subject is left out, since the verb tells. 'His' and 'her' are one word, 'own'. What
 * somebody was is an object.
 *
 * A noun is sun or moon: men are sun and women moon, of all others those are moon whose stem has a, e or o
 * before its last letter. It is stem + vowel (sun u, moon e, plural i) + consonant of the case (subject none,
 * object n, receiver l, place s, goal sk, price r, theme m) + o if it is 'the'. Adjectives take the ending of
 * their noun, but no o. Verbs end in ad + the vowel of their subject. Names, numbers and 'and' never change.
 */
import type { SentencePair } from '../data/index.ts';
import { fail, withDefaults } from '../tensor/index.ts';
import {
  type Agreement,
  adjectives,
  article,
  type Case,
  ending,
  type Lexicon,
  makeLexicon,
  names,
  particles,
  verbEnding,
  verbs,
} from './constructedWords.ts';
import { stories } from './stories.ts';

/** The options of `sentencePairs`. */
export interface SentencePairsOptions {
  /** How many stories the sentences are taken from. Default 20,000. */
  readonly stories?: number;
  /** Of the stories and of the words. Default 'stories'. */
  readonly seed?: string | number;
}

/** The sentences of the stories, each once, in the order in which they are told; and their translations. */
export function sentencePairs(options: SentencePairsOptions = {}): SentencePair[] {
  const { stories: count, seed } = withDefaults<Required<SentencePairsOptions>>('sentencePairs', options, {
    stories: 20_000,
    seed: 'stories',
  });
  const sentences = new Set(stories({ stories: count, seed }).text.match(/[A-Z][^.]*\./g));
  const translate = translator(seed);
  return [...sentences].map((sentence) => [sentence, translate(sentence)]);
}

/** Translates one sentence of a story. Another seed makes other words. A sentence of no story is an error. */
export function translator(seed: string | number = 'stories'): (sentence: string) => string {
  const lexicon = makeLexicon(seed);
  return (sentence) => {
    for (const { pattern, order } of patterns) {
      const parts = pattern.exec(sentence)?.groups;
      if (parts) return inOrder(order, parts, lexicon);
    }
    return fail('translate', 'the sentence is one of a story', JSON.stringify(sentence));
  };
}

/** The parts of a sentence in the order in which the language says them, each with its case. */
type Order = Readonly<Record<string, Case>>;
type Parts = Readonly<Record<string, string | undefined>>;

const VERB = `(?<did>${verbs.join('|')})`;

/** What can follow the subject in English, and the order of the translation. The first that fits is taken. */
const patterns = (
  [
    ['(?<did>made) (?<whom>him|her) (?<how>.+)', { whom: 'object', how: 'object' }],
    ['(?<did>gave) (?<whom>.+) (?<what>the .+)', { whom: 'receiver', what: 'object' }],
    ['(?<did>hid) (?<what>.+) in (?<where>.+)', { where: 'place', what: 'object' }],
    ['(?<did>sold) (?<what>.+) for (?<price>.+)', { what: 'object', price: 'price' }],
    ['(?<did>dreamed) of (?<what>.+)', { what: 'theme' }],
    ['(?<did>came) to (?<where>.+)', { where: 'goal' }],
    [`${VERB} (?<where>home)`, { where: 'goal' }],
    [`${VERB} (?<what>.+) at (?<where>.+)`, { where: 'place', what: 'object' }],
    [`${VERB} (?<what>.+)`, { what: 'object' }],
  ] satisfies [string, Order][]
).map(([predicate, order]) => ({
  pattern: new RegExp(`^(?:(?<when>Then|There|One \\w+),? )?(?<who>.+?) ${predicate}\\.$`),
  order: { when: 'place', who: 'subject', ...order } satisfies Order as Order,
}));

function inOrder(order: Order, parts: Parts, lexicon: Lexicon): string {
  const who = parts.who!;
  const said = Object.entries(order).map(([part, role]) => {
    const english = parts[part];
    return english ? phrase(english, role, parts.whom ?? who, lexicon) : '';
  });
  const verb = lexicon.stem(parts.did!) + verbEnding(agreementOf(who, lexicon));
  return `${[...said, verb].filter((text) => text !== '').join(' ')}.`;
}

/** One noun phrase, or several with 'and'. Adjectives alone agree with what they are said of. */
function phrase(english: string, role: Case, saidOf: string, lexicon: Lexicon): string {
  const members = english.split(' and ').map((member) => {
    const words = wordsOf(member);
    const agreement = agreementOf(adjectives.has(words.at(-1)!) ? saidOf : member, lexicon);
    return inflect(words, role, ending(agreement, role), lexicon);
  });
  return members.join(` ${lexicon.stem('and')} `);
}

/**
 * The last word, which is the noun, comes first; what describes it follows: 'a small house' → 'house small'.
 */
function inflect(words: readonly string[], role: Case, end: string, { stem }: Lexicon): string {
  const head = words.at(-1)!;
  if (role === 'subject' && pronouns.has(head)) return '';
  if (names.has(head)) return head;
  const form = (word: string) => (particles.has(word) ? stem(word) : stem(word) + end);
  const noun = form(head) + (words[0] === 'the' ? article : '');
  const rest = words.slice(0, -1).filter((word) => !articles.has(word));
  return [noun, ...rest.map((word) => form(word === 'her' ? 'his' : word))].join(' ');
}

/** Of the last word; several together are plural. */
function agreementOf(english: string, lexicon: Lexicon): Agreement {
  return english.includes(' and ') ? 'plural' : lexicon.agreement(wordsOf(english).at(-1)!);
}

const pronouns = new Set(['he', 'she', 'it']);
const articles = new Set(['a', 'an', 'the']);

/** In small letters, but for names. */
function wordsOf(english: string): string[] {
  return english.split(' ').map((word) => (names.has(word) ? word : word.toLowerCase()));
}
