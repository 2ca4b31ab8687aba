import { Tokenizer as Reader } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BPETokenizer, WordPieceTokenizer } from '../../src/tokenizers/index.ts';
import { golden } from './golden.ts';

const specialTokens = golden.special;
const train = (pattern: 'gpt2' | 'gpt4') =>
  BPETokenizer.train(golden.strings, { vocabSize: 700, pattern, specialTokens });
const tokenizers = { gpt2: train('gpt2'), gpt4: train('gpt4') };
const wordPiece = WordPieceTokenizer.fromVocab(golden.wordPiece.vocab.join('\n'));

/** Characters, words, contractions, numbers and special tokens; ſ aside, whose case the reader does not know. */
const word = fc.constantFrom(
  ' ',
  '\n',
  "'s",
  "'RE",
  '12345',
  ' naïve',
  '\r\n ',
  '<|end|>',
  '[SEP]',
  '中',
  'É',
);
const anyText = fc
  .array(fc.oneof(word, fc.string({ unit: 'grapheme', maxLength: 5 }), fc.string({ maxLength: 9 })))
  .map((parts) => parts.join('').replaceAll('ſ', ''));

describe("Hugging Face's reader in JavaScript gives the tokens of our files", () => {
  const files: [string, BPETokenizer | WordPieceTokenizer, object][] = [
    ['gpt2, merges as pairs', tokenizers.gpt2, tokenizers.gpt2.toJSON()],
    ['gpt4, merges as strings', tokenizers.gpt4, tokenizers.gpt4.toTokenizerJSON({ merges: 'strings' })],
    ['WordPiece', wordPiece, wordPiece.toJSON()],
  ];
  test.each(files)('%s', (_name, tokenizer, file) => {
    const reader = new Reader(JSON.parse(JSON.stringify(file)), { clean_up_tokenization_spaces: false });
    fc.assert(
      fc.property(anyText, (characters) => {
        // it does not see that ideographs of two UTF-16 units are some
        const text = tokenizer === wordPiece ? characters.replace(/[\u{20000}-\u{3ffff}]/gu, '') : characters;
        const { ids } = reader.encode(text);
        expect([...tokenizer.encode(text, { matchSpecial: true })]).toEqual(ids);
        if (ids.length > 0) expect(tokenizer.decode(ids)).toBe(reader.decode(ids));
      }),
      { numRuns: 500 },
    );
  });
});

describe('BPETokenizer reads what it wrote', () => {
  test.each(['gpt2', 'gpt4'] as const)('%s', (pattern) => {
    const tokenizer = tokenizers[pattern];
    for (const again of [
      BPETokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer))),
      BPETokenizer.fromJSON(tokenizer.toTokenizerJSON({ merges: 'strings' })),
      BPETokenizer.fromVocabAndMerges(tokenizer.toVocabAndMerges(), { pattern }),
      BPETokenizer.fromVocabAndMerges(tokenizer.toVocabAndMerges(), { pattern, specialTokens }),
    ]) {
      expect(again.toJSON()).toEqual(tokenizer.toJSON());
      for (const text of golden.strings.slice(0, 300))
        expect(again.encode(text)).toEqual(tokenizer.encode(text));
    }
  });
});

interface File {
  readonly model: {
    readonly vocab: Record<string, number>;
    readonly merges: readonly (readonly [string, string])[];
  };
}
const file = tokenizers.gpt4.toJSON() as File;
const withModel = (change: object) => ({ ...file, model: { ...file.model, ...change } });

test('a piece that is a token is that one, where a file says so', () => {
  const merges = file.model.merges.slice(0, -1); // the last token is there, but no merge makes it
  const last = file.model.merges.at(-1)!.join('');
  const id = file.model.vocab[last]!;
  const plain = BPETokenizer.fromJSON(withModel({ merges }));
  const whole = BPETokenizer.fromJSON(withModel({ merges, ignore_merges: true }));
  const text = plain.decode([id]);
  expect(plain.encode(text)).not.toEqual(Int32Array.of(id));
  expect(whole.encode(text)).toEqual(Int32Array.of(id));
  expect(BPETokenizer.fromJSON(whole.toJSON()).encode(text)).toEqual(Int32Array.of(id));
});

test('an earlier merge that comes up by a later one goes first', () => {
  const merges = ['ab a', 'a b'];
  const vocab = { ...bytes(), ab: 256, aba: 257 };
  const files = { vocab: JSON.stringify(vocab), merges: merges.join('\n') };
  const tokenizer = BPETokenizer.fromVocabAndMerges(files, { pattern: 'gpt2' });
  expect(tokenizer.encode('ababab')).toEqual(Int32Array.of(257, vocab['b' as never], 256));
});

/** The byte characters with the ids that they have in a trained tokenizer without special tokens. */
function bytes(): Record<string, number> {
  return (BPETokenizer.train('', { vocabSize: 256 }).toJSON() as File).model.vocab as Record<string, number>;
}

describe('a file of another kind is an error that says why', () => {
  const read = (json: unknown) => () => BPETokenizer.fromJSON(json);
  const files = tokenizers.gpt2.toVocabAndMerges();
  const readBoth =
    (change: object, options = {}) =>
    () =>
      BPETokenizer.fromVocabAndMerges({ ...files, ...change }, options);
  const { a: _, ...withoutA } = file.model.vocab;

  test.each<[() => unknown, string]>([
    [read('{}'), 'BPETokenizer.fromJSON: the object is a tokenizer.json, parsed: { added_tokens: […], model: { type, vocab: { … }, … }, … }. got "{}". write JSON.parse(text).'],
    [read({ type: 'char', characters: ['a'] }), 'got { type: "char", characters: … }. the kind that is read here is BPE.'],
    [read({ model: { type: 'Unigram', vocab: [['a', -1]] } }), 'got a model of type Unigram, whose vocab is a list.'],
    [read(wordPiece.toJSON()), 'the model is of type BPE. got "WordPiece".'],
    [read({ ...file, normalizer: { type: 'NFC' } }), 'texts are taken as they are. got the normalizer { type: "NFC" }.'],
    [read({ ...file, pre_tokenizer: { type: 'Metaspace' } }), "texts are cut into pieces by GPT-2's rule or by GPT-4's, byte level and without a space put before them. got {\"type\":\"Metaspace\"}."],
    [read({ ...file, pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true } }), "GPT-2's rule"],
    [read({ ...file, pre_tokenizer: null }), 'got null.'],
    [read(JSON.parse(JSON.stringify(file).replace('1,3}', '1,2}'))), "GPT-2's rule or by GPT-4's"],
    [read({ ...file, added_tokens: [{ id: 0, content: '<|end|>', special: true }] }), 'an added token has the id that it has in the vocabulary. got 0 for "<|end|>".'],
    [read({ ...file, added_tokens: [{ id: 1, content: '<|end|>', special: false }] }), 'got "<|end|>" with special: false.'],
    [read(withModel({ byte_fallback: true })), 'the model is without byte_fallback. got true.'],
    [read(withModel({ end_of_word_suffix: '</w>' })), 'the model is without end_of_word_suffix. got "</w>".'],
    [read(withModel({ merges: undefined })), 'merges are a list. got undefined.'],
    [read(withModel({ merges: ['a b c'] })), 'a merge is two tokens, "a b" or ["a", "b"]. got "a b c".'],
    [read(withModel({ merges: [['a', '§§']] })), 'merges join two tokens to a third. got "a §§".'],
    [read(withModel({ vocab: withoutA })), 'every byte has a token. got none for "a".'],
    [read(withModel({ vocab: { ...file.model.vocab, '▁a': 700 } })), 'tokens are written in GPT-2\'s characters for bytes. got "▁a". name the special tokens among them.'],
    [read(withModel({ vocab: { ...file.model.vocab, aaaaaa: 5 } })), 'no two tokens have the same id. got 5 for'],
    [read(withModel({ vocab: { ...file.model.vocab, aaaaaa: -1 } })), 'ids are whole numbers ≥ 0 and below 2²⁴. got -1 for "aaaaaa".'],
    [() => tokenizers.gpt2.toTokenizerJSON({ merges: 'lists' as never }), "BPETokenizer.toTokenizerJSON: merges are 'pairs' or 'strings'. got \"lists\"."],
    [readBoth({ vocab: 'a\nb' }), 'BPETokenizer.fromVocabAndMerges: vocab is the text of a vocab.json. got "a\\nb".'],
    [readBoth({ vocab: '["a"]' }), 'vocab is the text of a vocab.json: { token: id, … }. got "[\\"a\\"]".'],
    [readBoth({ merges: undefined }), 'merges is the text of a merges.txt. got undefined.'],
    [readBoth({ merges: 'a\nb' }), 'a merge is two tokens, "a b" or ["a", "b"]. got "a".'],
    [readBoth({}, { specialTokens: ['<s>'] }), 'special tokens are in the vocabulary. got "<s>".'],
    [readBoth({}, { pattern: 'gpt-4' }), 'the pattern is known. got "gpt-4". did you mean "gpt4"?'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  }); // biome-ignore format: a table
});
