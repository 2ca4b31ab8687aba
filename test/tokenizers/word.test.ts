import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stories } from '../../src/corpora/index.ts';
import { WordTokenizer } from '../../src/tokenizers/index.ts';

const word = fc.stringMatching(/^[\p{L}\p{N}'’]{1,8}$/u);

describe('WordTokenizer', () => {
  test('special tokens come first, then the words in order', () => {
    const tokenizer = WordTokenizer.from('Adam ran home, home.', { special: ['[PAD]', '[MASK]'] });
    expect(tokenizer.vocabSize).toBe(7);
    expect(tokenizer.encode('home, Adam ran.')).toEqual(Int32Array.of(5, 2, 4, 6, 3));
    expect(tokenizer.decode([0, 5, 2, 4, 6, 3])).toBe('[PAD] home, Adam ran.');
    expect(tokenizer.id('[MASK]')).toBe(1);
  });

  test('decode undoes encode, for words between single spaces', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const tokenizer = WordTokenizer.from(words.join(' '), { special: ['[PAD]'] });
        expect(tokenizer.vocabSize).toBe(1 + new Set(words).size);
        expect(tokenizer.decode(tokenizer.encode(words.join('\n\t')))).toBe(words.join(' '));
      }),
    );
  });

  test('stories come back as they were', () => {
    const lines = stories({ stories: 50 }).text.trimEnd().split('\n');
    const tokenizer = WordTokenizer.from(lines.join(' '));
    for (const line of lines) expect(tokenizer.decode(tokenizer.encode(line))).toBe(line);
  });

  test('words are in the order of code points, also beyond the first 65,536', () => {
    const tokenizer = WordTokenizer.from('\u{1f600} \ufb00 ab a b');
    expect(['a', 'ab', 'b', '\ufb00', '\u{1f600}'].map((word) => tokenizer.id(word))).toEqual([
      0, 1, 2, 3, 4,
    ]);
  });

  test('an unknown word is an error, or the token named for it', () => {
    const options = { special: ['[UNK]'], unknown: '[UNK]' };
    expect(WordTokenizer.from('a b', options).encode('b c')).toEqual(Int32Array.of(2, 0));
    expect(() => WordTokenizer.from('a b').encode('b c')).toThrow(
      'every word is in the vocabulary. got "c".',
    );
    expect(() => WordTokenizer.from('a b', { unknown: '[UNK]' })).toThrow('got "[UNK]"');
    expect(() => WordTokenizer.from('a b', { special: ['b'] })).toThrow(
      'no text contains a special token. got "b"',
    );
    expect(() => WordTokenizer.from('a', { special: ['[A]', '[A]'] })).toThrow('special tokens are distinct');
    expect(() => WordTokenizer.from('a', { specials: [] } as never)).toThrow('did you mean "special"?');
    expect(() => WordTokenizer.from(' \n')).toThrow('the text has at least one word');
    expect(() => WordTokenizer.from('a').decode([1])).toThrow('from 0 to 0. got 1.');
  });

  test('comes back from JSON, for every text', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.boolean(), (words, unknown) => {
        const options = unknown ? { special: ['[PAD]', '[UNK]'], unknown: '[UNK]' } : { special: ['[PAD]'] };
        const tokenizer = WordTokenizer.from(`${words.join(' ')}.`, options);
        const again = WordTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
        expect(again.toJSON()).toEqual(tokenizer.toJSON());
        expect(again.encode(words.join(' '))).toEqual(tokenizer.encode(words.join(' ')));
        expect(again.id('[PAD]')).toBe(0);
        if (unknown) expect(again.encode('§')).toEqual(Int32Array.of(1));
        else expect(() => again.encode('§')).toThrow('every word is in the vocabulary');
      }),
    );
  });

  test('from JSON that no tokenizer wrote is an error', () => {
    const json = { type: 'word', special: ['[PAD]'], words: ['a', 'b'], unknown: null };
    expect(WordTokenizer.fromJSON(json).encode('b a')).toEqual(Int32Array.of(2, 1));
    const shape =
      "WordTokenizer.fromJSON: the object is { type: 'word', special: ['[PAD]', …], words: ['a', …], unknown: null }.";
    for (const [change, message] of [
      [{ type: 'char' }, shape],
      [{ words: [] }, shape],
      [{ words: 'ab' }, shape],
      [{ special: undefined }, shape],
      [{ unknown: undefined }, shape],
      [{ words: ['a', 'a'] }, 'WordTokenizer.fromJSON: words are single and distinct. got "a".'],
      [{ words: ['a b'] }, 'words are single and distinct. got "a b".'],
      [{ words: ['a', 3] }, 'words are single and distinct. got 3.'],
      [{ special: ['pad'] }, 'no text contains a special token. got "pad".'],
      [{ special: ['[A]', '[A]'] }, 'special tokens are distinct. got [A] [A].'],
      [{ special: [1] }, 'special tokens are a list of strings. got [1].'],
      [{ unknown: '[UNK]' }, 'what stands for unknown words is one of the special tokens. got "[UNK]".'],
    ] as const)
      expect(() => WordTokenizer.fromJSON({ ...json, ...change })).toThrow(message);
    for (const nothing of [null, undefined, 3, 'a'])
      expect(() => WordTokenizer.fromJSON(nothing)).toThrow(shape);
  });
});
