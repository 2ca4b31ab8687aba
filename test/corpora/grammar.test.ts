import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { draw, maybe, mix, oneOf, phrase, say, words } from '../../src/corpora/grammar.ts';
import { derivations, generate, measure, recognise } from '../../src/corpora/recognise.ts';
import type { Derivation, Rule } from '../../src/corpora/rule.ts';

const owners = [
  { name: 'Ann', pets: ['ox', 'cat', 'dog', 'hen'] },
  { name: 'Bo', pets: ['ape'] },
];
const owner = draw('owner', [], () => owners);
const pet = draw('pet', [owner], ({ pets }) => pets);
const ownerName = say([owner], ({ name }) => name);
const aPet = say([pet], (noun) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`);
const petStory = phrase`${owner}${pet}${ownerName} has ${aPet}. ${ownerName} likes ${say([pet], (noun) => `the ${noun}`)}.`;

describe('entropy and length in closed form', () => {
  test('a literal has no entropy', () => {
    expect(measure(phrase`abc`)).toEqual({ nats: 0, characters: 3 });
    expect(measure(phrase``)).toEqual({ nats: 0, characters: 0 });
  });

  test('a fair coin: ln 2', () => {
    expect(measure(words('heads tails')).nats).toBeCloseTo(Math.log(2), 14);
    expect(measure(words('heads tails')).characters).toBe(5);
  });

  test('a biased coin: −Σ p ln p', () => {
    const { nats, characters } = measure(mix([3, 'a'], [1, 'bbb']));
    expect(nats).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 14);
    expect(characters).toBeCloseTo(1.5, 14);
  });

  test('independent parts add up', () => {
    expect(measure(phrase`${words('a b c')}-${words('d e')}`).nats).toBeCloseTo(Math.log(6), 14);
    expect(measure(phrase`${words('a b c')}-${words('d e')}`).characters).toBeCloseTo(3, 14);
  });

  test('an optional part counts as often as it is there', () => {
    const { nats, characters } = measure(maybe(0.25, words('xx yy')));
    expect(nats).toBeCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75) + 0.25 * Math.log(2), 14);
    expect(characters).toBeCloseTo(0.5, 14);
  });

  test('a draw given another: E[ln n], and the joint probabilities weigh the lengths', () => {
    const { nats, characters } = measure(petStory);
    expect(nats).toBeCloseTo(Math.log(2) + 0.5 * Math.log(4), 14);
    const ann = 'Ann has an ox. Ann likes the ox.'.length + (3 * 1) / 4; // the other three: one letter more, twice, and no n
    const bo = 'Bo has an ape. Bo likes the ape.'.length;
    expect(characters).toBeCloseTo((ann + bo) / 2, 12);
  });
});

describe('recognise', () => {
  test('gives ln p of each text', () => {
    expect(recognise(petStory, 'Bo has an ape. Bo likes the ape.')).toEqual({
      grammatical: true,
      logProbability: Math.log(1 / 2),
    });
    const ox = recognise(petStory, 'Ann has an ox. Ann likes the ox.');
    expect(ox.grammatical && ox.logProbability).toBeCloseTo(Math.log(1 / 8), 14);
  });

  test.each([
    ['what was remembered', 'Ann has a cat. Ann likes the ¦dog.'],
    ['who it was', 'Ann has a cat. ¦Bo likes the cat.'],
    ['what the owner cannot have', 'Bo has a¦ cat. Bo likes the cat.'],
    ['the article', 'Ann has a ¦ox. Ann likes the ox.'],
    ['a missing end', 'Ann has a cat. Ann likes¦'],
    ['too much', 'Ann has a cat. Ann likes the cat.¦ '],
    ['nothing at all', '¦'],
  ])('rejects %s, and tells where', (_, marked) => {
    expect(recognise(petStory, marked.replace('¦', ''))).toEqual({
      grammatical: false,
      at: marked.indexOf('¦'),
    });
  });

  test('tries every way to read a beginning', () => {
    expect(recognise(phrase`${oneOf('a', 'ab')}${maybe(0.5, 'b')}c`, 'abbc').grammatical).toBe(true);
  });

  test('adds up the derivations of an ambiguous text', () => {
    const twice = phrase`${maybe(0.5, 'a')}${maybe(0.5, 'a')}`;
    expect(derivations(twice, 'a')).toHaveLength(2);
    const found = recognise(twice, 'a');
    expect(found.grammatical && found.logProbability).toBeCloseTo(Math.log(0.5), 14);
  });
});

describe('any grammar', () => {
  const { rule } = fc.letrec<{ rule: Rule | string }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 3 },
      fc.stringMatching(/^[ab]{0,2}$/),
      fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => phrase`${a}${b}`),
      fc
        .array(fc.tuple(fc.integer({ min: 1, max: 5 }), tie('rule')), { minLength: 1, maxLength: 3 })
        .map((all) => mix(...all)),
      fc
        .tuple(fc.uniqueArray(fc.constantFrom('a', 'b', 'ab'), { minLength: 1 }), tie('rule'))
        .map(([values, after]) => {
          const variable = draw('v', [], () => values);
          const said = say([variable], (value) => value);
          return phrase`${variable}${said}${mix([1, said], [2, after])}`;
        }),
    ),
  }));

  test('recognises what it generates, at least as probable as the derivation', () => {
    fc.assert(
      fc.property(rule, fc.string(), (start, seed) => {
        const { text, logProbability } = generate(phrase`${start}`, seedrandom.alea(seed));
        const found = recognise(phrase`${start}`, text);
        expect(found.grammatical && found.logProbability).toBeGreaterThanOrEqual(logProbability - 1e-9);
      }),
    );
  });

  test('its exact measure is the mean over every derivation of every text', () => {
    fc.assert(
      fc.property(rule, (start) => {
        const all = texts.flatMap((text) => derivations(phrase`${start}`, text));
        const mean = (of: (one: Derivation) => number) =>
          all.reduce((sum, one) => sum + Math.exp(one.logProbability) * of(one), 0);
        fc.pre(mean(() => 1) > 1 - 1e-9); // else it writes longer texts, too
        expect(mean(() => 1)).toBeCloseTo(1, 9);
        expect(measure(phrase`${start}`).nats).toBeCloseTo(
          mean((one) => -one.logProbability),
          9,
        );
        expect(measure(phrase`${start}`).characters).toBeCloseTo(
          mean((one) => one.text.length),
          9,
        );
      }),
    );
  });
});

/** All texts of up to 7 letters a and b. */
const texts = [...new Array(8).keys()].flatMap((length) =>
  [...new Array(2 ** length).keys()].map((bits) =>
    [...new Array(length).keys()].map((i) => ((bits >> i) & 1 ? 'b' : 'a')).join(''),
  ),
);

describe('errors', () => {
  test.each([
    ['no options', () => oneOf(), /^mix: there is an option\. got none\. /],
    ['no words', () => words('  '), /^mix: there is an option\. got none\. /],
    [
      'a weight of NaN',
      () => mix([1, 'a'], [Number.NaN, 'b']),
      /^mix: every weight is a finite .*got NaN\. /,
    ],
    ['a negative weight', () => mix([-1, 'a'], [2, 'b']), /^mix: every weight is a finite .*got -1\. /],
    ['a weight of 0', () => maybe(0, 'a'), /^mix: every weight is a finite .*got 0\. /],
    [
      'an infinite weight',
      () => mix([Number.POSITIVE_INFINITY, 'a']),
      /^mix: every weight is .*got Infinity\. /,
    ],
    [
      'no values',
      () => measure(draw('x', [], () => [])),
      /^draw 'x': there are values.* got 0 values, 0 diff/,
    ],
    [
      'equal values',
      () =>
        generate(
          draw('x', [], () => [1, 2, 1]),
          () => 0,
        ),
      /^draw 'x': .* got 3 values, 2 different\./,
    ],
    [
      'read before drawn',
      () => generate(phrase`${ownerName}${owner}`, () => 0),
      /^grammar: .*got 'owner', not drawn\. /,
    ],
    ['given before drawn', () => measure(phrase`${pet}${owner}`), /^grammar: .*got 'owner', not drawn\. /],
    [
      'drawn in a branch',
      () => measure(phrase`${oneOf(owner)}${ownerName}`),
      /^grammar: .*got 'owner', not drawn\. /,
    ],
    [
      'the same while matching',
      () => recognise(phrase`${oneOf(owner)}${ownerName}`, 'Bo'),
      /got 'owner', not drawn\. /,
    ],
    [
      'drawn twice',
      () => measure(phrase`${owner}${owner}`),
      /^grammar: a variable is drawn once\. got 'owner' again\./,
    ],
    [
      'the same while generating',
      () => generate(phrase`${owner}${owner}`, () => 0),
      /drawn once\. got 'owner' again\./,
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
