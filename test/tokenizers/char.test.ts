import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CharTokenizer } from '../../src/tokenizers/index.ts';

/** Any string, lone surrogates and characters beyond the BMP included. */
const anyText = fc.string({ unit: 'binary', minLength: 1 });

describe('CharTokenizer', () => {
  test('the vocabulary is the distinct characters in code point order', () => {
    const tokenizer = CharTokenizer.from('hello');
    expect(tokenizer.vocabSize).toBe(4);
    expect(tokenizer.encode('hole')).toEqual(Int32Array.of(1, 3, 2, 0));
    expect(tokenizer.decode([1, 0, 2, 3])).toBe('helo');
  });

  test('a character beyond the BMP is one token, ordered by code point and not by UTF-16 unit', () => {
    const tokenizer = CharTokenizer.from('👍\uffeea👍');
    expect(tokenizer.toJSON().characters).toEqual(['a', '\uffee', '👍']);
    expect(tokenizer.encode('👍a👍')).toEqual(Int32Array.of(2, 0, 2));
  });

  test('decode undoes encode, with one id for each code point', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokenizer = CharTokenizer.from(text);
        const ids = tokenizer.encode(text);
        expect(ids.length).toBe([...text].length);
        expect(Math.max(...ids)).toBe(tokenizer.vocabSize - 1);
        expect(tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  test('JSON keeps every id', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokenizer = CharTokenizer.from(text);
        const again = CharTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
        expect(again.encode(text)).toEqual(tokenizer.encode(text));
        expect(again.toJSON()).toEqual(tokenizer.toJSON());
      }),
    );
  });

  test('an empty text encodes to no ids, and is no vocabulary', () => {
    expect(CharTokenizer.from('a').encode('')).toEqual(new Int32Array(0));
    expect(CharTokenizer.from('a').decode([])).toBe('');
    expect(() => CharTokenizer.from('')).toThrow(
      'CharTokenizer.from: the text has at least one character. got an empty text.',
    );
  });

  test('encode names the first unknown character, its code point and its index', () => {
    const tokenizer = CharTokenizer.from('caf👍');
    expect(() => tokenizer.encode('café, é')).toThrow('got "é" (U+00E9) at index 3.');
    expect(() => tokenizer.encode('👍👎')).toThrow('got "👎" (U+1F44E) at index 2.');
    expect(() => tokenizer.encode('a\n')).toThrow('got "\\n" (U+000A) at index 1.');
  });

  test.each([2, -1, 0.5, Number.NaN])('decode refuses the id %d', (id) => {
    expect(() => CharTokenizer.from('ab').decode([0, id])).toThrow(
      `CharTokenizer.decode: ids are whole numbers from 0 to 1. got ${id} at index 1.`,
    );
  });

  test.each([
    [null, "{ type: 'char', characters: ['a', …] }. got type undefined with no characters"],
    [{ type: 'bpe', characters: ['a'] }, 'got type "bpe"'],
    [{ type: 'char', characters: [] }, 'with 0 characters'],
    [{ type: 'char', characters: ['a', 'bc'] }, 'single and distinct. got "bc" at index 1'],
    [{ type: 'char', characters: ['a', 'b', 'a'] }, 'single and distinct. got "a" at index 2'],
    [{ type: 'char', characters: ['a', 7] }, 'single and distinct. got 7 at index 1'],
  ])('fromJSON refuses %j', (json, message) => {
    expect(() => CharTokenizer.fromJSON(json)).toThrow(message);
  });
});
