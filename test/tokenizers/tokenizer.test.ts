/** What all tokenizers have in common. */
import { describe, expect, test } from 'vitest';
import {
  BPETokenizer,
  ByteTokenizer,
  CharTokenizer,
  type Tokenizer,
  tokenizerFromJSON,
  WordPieceTokenizer,
  WordTokenizer,
} from '../../src/tokenizers/index.ts';

const text = 'the rat sat on the mat. the cat ran!';
const specialTokens = ['[PAD]', '[UNK]'];
const vocab = [...specialTokens, 'the', 'rat', 'sat', 'on', 'mat', 'cat', 'ran', '.', '!'].join('\n');
const all: [name: string, tokenizer: Tokenizer][] = [
  ['char', CharTokenizer.from(text)],
  ['word', WordTokenizer.from(text, { special: specialTokens })],
  ['byte', new ByteTokenizer({ specialTokens })],
  ['BPE', BPETokenizer.train(text, { vocabSize: 270, specialTokens })],
  ['WordPiece', WordPieceTokenizer.fromVocab(vocab)],
];

describe.each(all)('the tokenizer of kind %s', (name, tokenizer) => {
  const ids = tokenizer.encode(text);

  test('gives the text back, at once and in a stream, in ids below vocabSize', () => {
    const stream = tokenizer.stream();
    expect(tokenizer.decode(ids)).toBe(text);
    expect([...ids].map((id) => stream.push(id)).join('') + stream.end()).toBe(text);
    expect([...ids].every((id) => id < tokenizer.vocabSize)).toBe(true);
  });

  test('names its special tokens, and finds them when asked', () => {
    expect([...tokenizer.specialTokens.keys()]).toEqual(name === 'char' ? [] : specialTokens);
    for (const [special, id] of tokenizer.specialTokens) {
      expect(tokenizer.decode([id])).toBe(special);
      expect(tokenizer.encode(`the${special}`, { matchSpecial: true }).at(-1)).toBe(id);
    }
  });

  test('counts the bytes that tokens add to a text', () => {
    const bytesOf = (some: Int32Array) => Buffer.byteLength(tokenizer.decode(some));
    for (let at = 1; at < ids.length; at++)
      expect(tokenizer.countBytes(ids.subarray(at))).toBe(bytesOf(ids) - bytesOf(ids.subarray(0, at)));
    expect(tokenizer.countBytes(tokenizer.specialTokens.values())).toBe(0);
  });

  test('comes back from its JSON', () => {
    const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(again).toBeInstanceOf(tokenizer.constructor);
    expect(again.encode(text)).toEqual(ids);
    expect(again.specialTokens).toEqual(tokenizer.specialTokens);
    expect(again.vocabSize).toBe(tokenizer.vocabSize);
  });
});

test.each<[unknown, string]>([
  [null, 'tokenizerFromJSON: the object is that of a known tokenizer. got null. known: char, word, byte, BPE, WordPiece.'],
  [{ type: 'chars' }, 'got type "chars". did you mean "char"?'],
  [{ type: 'toString' }, 'got type "toString".'],
  [{ model: { type: 'Unigram' } }, 'got type "Unigram".'],
])('tokenizerFromJSON refuses %j', (json, message) => {
  expect(() => tokenizerFromJSON(json)).toThrow(message);
}); // biome-ignore format: a table
