import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WordPieceTokenizer } from '../../src/tokenizers/index.ts';
import { golden, sha256, unpack } from './golden.ts';

const vocab = `${golden.wordPiece.vocab.join('\n')}\n`;
/** Hugging Face's library always matches special tokens; ours when asked. */
const strings = golden.strings.filter((text) => !text.includes('[CLS]'));

test.each(golden.wordPiece.cases)(
  "WordPieceTokenizer gives Hugging Face's tokens: lowercase $lowercase, accents stripped $stripAccents",
  ({ lowercase, stripAccents, chineseCharacters, strings: packed, decodedHash }) => {
    const options = { lowercase, stripAccents: stripAccents ?? undefined, chineseCharacters };
    const tokenizer = WordPieceTokenizer.fromVocab(vocab, options);
    const ids = strings.map((text) => [...tokenizer.encode(text)]);
    expect(ids).toEqual(unpack(packed));
    expect(sha256(ids.map((some) => tokenizer.decode(some)).join('\n'))).toBe(decodedHash);
    const again = WordPieceTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(strings.map((text) => [...again.encode(text)])).toEqual(ids);
    expect(again.toJSON()).toEqual(tokenizer.toJSON());
  },
);

describe('WordPieceTokenizer', () => {
  const tokenizer = WordPieceTokenizer.fromVocab(
    '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nnaive\n,\n!\nσο\n##σ',
  );

  test('takes the longest token that fits, or the whole word is unknown', () => {
    expect(tokenizer.encode('Unaffable, naïve!')).toEqual(Int32Array.of(5, 6, 7, 9, 8, 10));
    expect(tokenizer.decode([5, 6, 7, 9, 8, 10])).toBe('unaffable, naive!');
    expect(tokenizer.encode('unaffa un')).toEqual(Int32Array.of(1, 5));
    expect(tokenizer.encode('ΣΟΣ')).toEqual(Int32Array.of(11, 12));
    expect(tokenizer.encode('')).toEqual(new Int32Array(0));
  });

  test('finds special tokens only when asked', () => {
    expect(tokenizer.encode('[CLS]un[SEP]', { matchSpecial: true })).toEqual(Int32Array.of(2, 5, 3));
    expect(tokenizer.encode('[CLS]un')).toEqual(Int32Array.of(1, 1, 1, 5));
    expect([...tokenizer.specialTokens.keys()]).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
    expect(tokenizer.decode([2, 5, 3])).toBe('[CLS] un [SEP]');
  });

  test('a stream gives what decode gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: tokenizer.vocabSize - 1 })), (ids) => {
        const stream = tokenizer.stream();
        expect(ids.map((id) => stream.push(id)).join('') + stream.end()).toBe(tokenizer.decode(ids));
      }),
    );
  });

  const from =
    (text: unknown, options = {}) =>
    () =>
      WordPieceTokenizer.fromVocab(text as string, options);
  const json = tokenizer.toJSON() as Record<string, object>;
  const read = (change: object) => () => WordPieceTokenizer.fromJSON({ ...json, ...change });
  test.each<[() => unknown, string]>([
    [from('a\nb'), 'WordPieceTokenizer.fromVocab: special tokens are in the vocabulary. got "[UNK]". is it a vocab.txt.'],
    [from('[UNK]\na\na'), 'no line of vocab is there twice. got "a".'],
    [from(['[UNK]']), 'vocab is the text of a vocab.txt. got ["[UNK]"].'],
    [from('[UNK]', { specialTokens: ['[PAD]'] }), 'special tokens are in the vocabulary. got "[PAD]".'],
    [from('[UNK]', { lowerCase: false }), 'did you mean "lowercase"?'],
    [() => tokenizer.decode([13]), 'WordPieceTokenizer.decode: ids are those of tokens, whole numbers from 0 to 12. got 13.'],
    [read({ model: { ...json.model, type: 'BPE' } }), 'WordPieceTokenizer.fromJSON: the model is of type WordPiece. got "BPE".'],
    [read({ normalizer: null }), 'texts are cleaned by a BertNormalizer'],
    [read({ pre_tokenizer: { type: 'Whitespace' } }), 'and cut by a BertPreTokenizer. got {"normalizer"'],
    [read({ model: { ...json.model, continuing_subword_prefix: '@@' } }), 'the prefix ## and words of at most 100 characters. got { unknown: "[UNK]", prefix: "@@", most: 100 }.'],
    [read({ added_tokens: [{ id: 4, content: '[MASK]', special: true, lstrip: true }] }), 'added tokens are special ones that are found as they are written. got "[MASK]" with lstrip.'],
  ])('%s is refused', (call, message) => {
    expect(call).toThrow(message);
  }); // biome-ignore format: a table
});
