import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sentencePairs, translator } from '../../src/corpora/index.ts';
import { root } from '../support/root.ts';

const pairs = sentencePairs({ stories: 5000 });
const translate = translator();
const wordsOf = (sentence: string) => sentence.replace('.', '').split(' ');
const said = (english: string) => wordsOf(translate(english));

describe('the constructed language', () => {
  test('has a translation for every sentence of the stories, another for each', () => {
    expect(new Set(pairs.map(([english]) => english)).size).toBe(pairs.length);
    expect(new Set(pairs.map(([, translated]) => translated)).size).toBe(pairs.length);
    for (const [english, translated] of pairs) {
      expect(translated).toMatch(/^[A-Za-z]+( [A-Za-z]+)*\.$/);
      expect(wordsOf(translated).length).toBeGreaterThan(1);
      expect(translate(english)).toBe(translated);
    }
  });

  test('glosses as its page says: order, cases, agreement, article', () => {
    const sentence = 'Nora and her happy uncle found a tiny red shell at the lake.';
    const page = readFileSync(`${root}src/corpora/constructedLanguage.ts`, 'utf8');
    expect(page).toContain(` *     ${sentence}\n *     ${translate(sentence)}\n`);
    const [nora, and, uncle, own, happy, lake, shell, tiny, red, found, ...rest] = said(sentence);
    expect(rest).toEqual([]);
    expect(nora).toBe('Nora');
    expect(said('He was happy and sad.')).toEqual([
      `${happy}n`,
      and,
      expect.stringMatching(/un$/),
      expect.stringMatching(/adu$/),
    ]);
    for (const word of [uncle, own, happy]) expect(word).toMatch(/u$/); // sun class, subject
    expect(lake).toMatch(/[ue]so$/); // place, 'the'
    const ending = shell!.slice(-2);
    expect(['un', 'en']).toContain(ending); // object, no article
    for (const word of [tiny, red]) expect(word!.slice(-2)).toBe(ending);
    expect(found).toMatch(/adi$/); // plural subject
  });

  test('marks whom, where to, what for and what of by cases', () => {
    const [aunt, own, kind, ball, gave] = said('She gave her kind aunt the ball.');
    for (const word of [aunt, own, kind]) expect(word).toMatch(/el$/); // moon class, receiver
    expect([ball, gave]).toEqual([expect.stringMatching(/no$/), expect.stringMatching(/ade$/)]);
    expect(said('Adam came to the lake.')[1]).toMatch(/sko$/);
    expect(said('He sold the ball for warm plums.').slice(1, 3)).toEqual(
      Array(2).fill(expect.stringMatching(/ir$/)),
    );
    expect(said('He dreamed of two red cats.').map((word) => word.slice(-2))).toEqual([
      'im',
      expect.any(String),
      'im',
      'du',
    ]);
  });

  test('the verb tells who did it: he, she, it or they', () => {
    const [he, she] = [said('Then he ran home.'), said('Then she ran home.')];
    expect(he.slice(0, 2)).toEqual(she.slice(0, 2));
    expect([he[2]!.slice(-1), she[2]!.slice(-1)]).toEqual(['u', 'e']);
    expect(said('The waves were cold.').map((word) => word.slice(-1))).toEqual(['o', 'n', 'i']);
  });

  test('one stem has one meaning: an egg found, and eggs to eat', () => {
    const [egg] = said('There he found a big egg.').slice(1);
    const [eggs] = said('He had big eggs and milk.');
    expect(egg!.slice(0, 5)).toBe(eggs!.slice(0, 5));
  });

  test('depends on the seed', () => {
    expect(sentencePairs({ stories: 50, seed: 7 })).toEqual(sentencePairs({ stories: 50, seed: 7 }));
    expect(translator(7)('It was cold.')).not.toBe(translator(8)('It was cold.'));
  });

  test('says which word or sentence it does not know', () => {
    expect(() => translate('Nora flied a kite.')).toThrow(
      'translate: the sentence is one of a story. got "Nora flied a kite.".',
    );
    expect(() => translate('Nora found a big shel.')).toThrow('got "shel". did you mean "shell"?');
  });
});
