import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { derivations, generate } from '../../src/corpora/recognise.ts';
import { entropy, grammaticalShare, recognise, stories } from '../../src/corpora/stories.ts';
import { story } from '../../src/corpora/storyGrammar.ts';
import * as list from '../../src/corpora/storyWords.ts';

const { text } = stories({ stories: 20_000 });
const lines = text.split('\n').slice(0, -1);
const some = lines.slice(0, 150);

describe('the text', () => {
  test('has one story in a line, each ending with a newline', () => {
    expect(text.endsWith('\n')).toBe(true);
    expect(lines).toHaveLength(20_000);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(190);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(stories({ stories: 50 }).text).toBe(text.slice(0, stories({ stories: 50 }).text.length));
    expect(stories({ stories: 50, seed: 7 }).text).toBe(stories({ stories: 50, seed: '7' }).text);
    expect(stories({ stories: 50, seed: 8 }).text).not.toBe(stories({ stories: 50, seed: 7 }).text);
  });

  test('has 350 to 500 words, and few characters', () => {
    const vocabulary = new Set(text.toLowerCase().match(/[a-z]+/g));
    expect(vocabulary.size).toBeGreaterThanOrEqual(350);
    expect(vocabulary.size).toBeLessThanOrEqual(500);
    expect(text).toMatch(/^[A-Za-z .,\n]*$/);
  });

  test('says an before a vowel, a before the rest', () => {
    expect(text).not.toMatch(/\ba [aeiou]/i);
    expect(text).not.toMatch(/\ban [^aeiou]/i);
  });

  test('has pronouns of one gender in each story, that of the name', () => {
    const gender = new Map(list.people.map((person) => [person.name, person.he]));
    for (const line of some) {
      const person = line.match(/[A-Z]\w+/g)?.find((word) => gender.has(word));
      const others = gender.get(person!) === 'he' ? /\b(she|her|girl)\b/i : /\b(he|his|him|boy)\b/i;
      expect(line).not.toMatch(others);
    }
  });

  test('has things and sights of one place in each story', () => {
    for (const line of some) {
      const there = list.places.filter(({ name }) => line.includes(`he ${name}`));
      expect(there).toHaveLength(1);
      const elsewhere = list.places.filter((place) => place !== there[0]).flatMap(({ things }) => things);
      expect(elsewhere.filter((thing) => new RegExp(`\\b${thing}\\b`).test(line))).toEqual([]);
    }
  });
});

describe('lists', () => {
  test('no two places share a thing; names and words are distinct', () => {
    const { people, places, looks, ...rest } = list;
    const names = people.map(({ name }) => name);
    const things = places.flatMap((place) => place.things);
    const texts = Object.values(rest).filter((words) => typeof words === 'string');
    for (const words of [names, things, looks, ...texts.map((words) => words.split(' '))]) {
      expect(new Set(words).size).toBe(words.length);
    }
  });
});

describe('entropy', () => {
  test('agrees with the mean of −ln p and of the length over 20,000 stories, within four standard errors', () => {
    const random = seedrandom.alea('Monte Carlo');
    const sample = Array.from({ length: 20_000 }, () => generate(story, random));
    const nats = meanAndError(sample.map((one) => -one.logProbability));
    const characters = meanAndError(sample.map((one) => one.text.length));
    expect(Math.abs(nats.mean - entropy.nats)).toBeLessThan(4 * nats.error);
    expect(Math.abs(characters.mean - entropy.characters)).toBeLessThan(4 * characters.error);
    expect(entropy.natsPerCharacter).toBe(entropy.nats / entropy.characters);
    expect(stories({ stories: 1 }).entropy).toBe(entropy);
  });

  test('is that of the text: each story has one derivation, as probable as it was when generated', () => {
    const random = seedrandom.alea('derivations');
    for (let i = 0; i < 300; i++) {
      const made = generate(story, random);
      const found = derivations(story, made.text);
      expect(found).toHaveLength(1);
      expect(found[0]!.logProbability).toBeCloseTo(made.logProbability, 9);
    }
  });
});

describe('recognise', () => {
  test('accepts every story that was generated', () => {
    for (const line of lines.slice(0, 500)) expect(recognise(line).grammatical).toBe(true);
  });

  const good =
    'Ella kept two red cats. She bought an old boat at the lake. She was happy and shy. She hid the boat in a big bed.';
  test.each([
    ['a wrong pronoun', 'She was', '¦He was'],
    ['a wrong repeated object', 'hid the boat', 'hid the ¦crab'],
    ['a swapped place', 'the lake', 'the park'],
    ['a for an', 'an old', 'a ¦old'],
    ['a wrong name', 'Ella', 'Ell¦i'],
    ['a missing end', 'big bed.', 'big bed¦'],
    ['a missing sentence', ' She hid the boat in a big bed.', '¦'],
    ['too much', 'bed.', 'bed.¦x'],
    ['two stories at once', 'bed.', 'bed.\n'],
  ])('rejects %s', (_, part, instead) => {
    expect(recognise(good).grammatical).toBe(true);
    const bad = good.replace(part, instead);
    const at = bad.indexOf('¦');
    expect(recognise(bad.replace('¦', ''))).toEqual({
      grammatical: false,
      at: at < 0 ? expect.any(Number) : at,
    });
  });

  test.each([
    ['every proper beginning', (line: string) => line.slice(0, -1)],
    ['a missing first letter', (line: string) => line.slice(1)],
    ['the other gender', swapGender],
    ['no capital at the start', (line: string) => line[0]!.toLowerCase() + line.slice(1)],
    ['a letter that no story has', (line: string) => line.replace('e', 'é')],
    ['two spaces', (line: string) => line.replace(' ', '  ')],
  ])('rejects %s, in every story', (_, spoil) => {
    for (const line of some) expect(recognise(spoil(line)).grammatical).toBe(false);
  });

  test('rejects nearly every change of one letter', () => {
    const random = seedrandom.alea('letters');
    const index = (length: number) => Math.floor(random() * length);
    const changed = some.map((line) => {
      const at = index(line.length);
      return line.slice(0, at) + other(line[at]!, index(25)) + line.slice(at + 1);
    });
    expect(changed.filter((line) => recognise(line).grammatical).length).toBeLessThan(0.02 * some.length);
  });
});

test('grammaticalShare counts the complete stories', () => {
  expect(grammaticalShare(text.slice(0, 2000))).toBe(1);
  expect(grammaticalShare(`${lines[0]}\nnonsense\n${lines[1]}\n\nOne d`)).toBe(0.5);
  expect(grammaticalShare('One d')).toBeNaN();
});

test('errors', () => {
  expect(() => stories({ stories: 0 })).toThrow('stories: their number is an integer above 0. got 0.');
  expect(() => stories({ stories: 2.5 })).toThrow('got 2.5.');
  expect(() => stories({ sed: 1 } as object)).toThrow(
    /^stories: every option is known\. got "sed"\. did you mean "seed"/,
  );
});

function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

/** Every pronoun and noun of the other gender; the name stays. */
function swapGender(line: string): string {
  const other: Record<string, string> = {
    he: 'she',
    she: 'he',
    his: 'her',
    him: 'her',
    her: 'his',
    boy: 'girl',
    girl: 'boy',
  };
  const swapped = line.replace(/\b(he|she|his|him|her|boy|girl)\b/gi, (word) => {
    const lower = other[word.toLowerCase()]!;
    return word === word.toLowerCase() ? lower : lower[0]!.toUpperCase() + lower.slice(1);
  });
  return swapped === line ? '' : swapped; // a story without pronouns has nothing to swap
}

/** A letter other than this one. */
function other(letter: string, i: number): string {
  return 'abcdefghijklmnopqrstuvwxyz'.replace(letter, '')[i]!;
}
