/**
 * A language of our own to translate into, unlike English wherever that is easy: the verb comes last, adjectives follow
 * their noun and agree with it, cases stand for prepositions, and a suffix for the article.
 *
 *     Nora and her happy uncle found a tiny red shell at the lake.
 *     Nora   gimor  valeru     zamolu        davitu    minasen     lurobes  ... (the words depend on the seed)
 *
 * Word order: (then, there, or a time in the place case) subject, place, receiver, goal, object, price, verb. A pronoun
 * that is the subject is left out; the verb tells. 'His' and 'her' are one word, 'own'.
 *
 * Nouns have a class, sun or moon: men are sun and women moon, for the others the last vowel of the stem decides (a, e, o:
 * moon). A noun is stem + vowel (sun u, moon e, plural i) + consonant of the case (subject –, object n, receiver l,
 * place s, goal sk, price r, theme m) + o if it is 'the'. Adjectives take the ending of their noun, without the o.
 * Verbs end in ad + the vowel of their subject.
 */
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

export interface SentencePairsOptions {
  /** How many stories the sentences are taken from. Default 20,000. */
  readonly stories?: number;
  /** Of the stories and of the words. Default 'stories'. */
  readonly seed?: string | number;
}

export type SentencePair = readonly [english: string, translated: string];

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

const VERB = `(?<did>${verbs.join('|')})`;

/**
 * What English says, and in which order the language says it: parts with their cases, and a verb. The first pattern that
 * fits is taken.
 */
const patterns = [
  ['(?<did>was|were) (?<what>.+)', 'who:subject what:subject'],
  ['(?<did>made) (?<whom>him|her) (?<how>.+)', 'who:subject whom:object how:object'],
  ['(?<did>gave) (?<whom>.+) (?<what>the .+)', 'who:subject whom:receiver what:object'],
  ['(?<did>hid) (?<what>.+) in (?<where>.+)', 'who:subject where:place what:object'],
  ['(?<did>sold) (?<what>.+) for (?<price>.+)', 'who:subject what:object price:price'],
  ['(?<did>dreamed) of (?<what>.+)', 'who:subject what:theme'],
  ['(?<did>came) to (?<where>.+)', 'who:subject where:goal'],
  [`${VERB} (?<where>home)`, 'who:subject where:goal'],
  [`${VERB} (?<what>.+) at (?<where>.+)`, 'who:subject where:place what:object'],
  [`${VERB} (?<what>.+)`, 'who:subject what:object'],
].map(([predicate, order]) => ({
  pattern: new RegExp(`^(?:(?<when>Then|There|One \\w+),? )?(?<who>.+?) ${predicate}\\.$`),
  order: `when:place ${order}`.split(' ').map((item) => item.split(':') as unknown as Item),
}));
type Item = readonly [part: string, role: Case];
type Parts = Readonly<Record<string, string | undefined>>;

function inOrder(order: readonly Item[], parts: Parts, lexicon: Lexicon): string {
  const said = order.map(([part, role]) => {
    const english = parts[part];
    return english ? phrase(english, role, parts.whom ?? parts.who!, lexicon) : '';
  });
  const verb = lexicon.stem(parts.did!) + verbEnding(agreementOf(parts.who!, lexicon));
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

/** The last word, which is the noun, comes first; what describes it follows: 'a small house' → 'house small'. */
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
