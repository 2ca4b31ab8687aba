import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BPETokenizer } from '../../src/tokenizers/index.ts';
import { golden, long, sha256, unpack } from './golden.ts';

interface File {
  readonly model: { readonly merges: readonly string[] };
}

const mergesOf = (tokenizer: BPETokenizer) =>
  (tokenizer.toTokenizerJSON({ merges: 'strings' }) as File).model.merges;

const specialTokens = golden.special;
const small = BPETokenizer.train(golden.strings, { vocabSize: 600, specialTokens });

test('the long text is that of the golden numbers', () => {
  expect(sha256(long)).toBe(golden.longText);
});

describe.each(golden.bpe)("BPETokenizer as Hugging Face's, $pattern", (expected) => {
  const { pattern, vocabSize } = expected;
  const tokenizer = BPETokenizer.train([...golden.strings, long], { pattern, vocabSize, specialTokens });

  test('learns the same merges', () => {
    expect(mergesOf(tokenizer)).toEqual(expected.merges.split('\n'));
    expect(tokenizer.vocabSize).toBe(vocabSize);
  });

  test('encodes every string in the same tokens', () => {
    const ids = golden.strings.map((text) => [...tokenizer.encode(text)]);
    expect(ids).toEqual(unpack(expected.strings));
    expect(ids.length).toBeGreaterThan(2000);
  });

  test('encodes a long text in the same tokens', () => {
    const ids = tokenizer.encode(long);
    expect(ids.length).toBe(expected.longIds);
    expect(sha256(ids.join(' '))).toBe(expected.longHash);
    expect(tokenizer.decode(ids)).toBe(long);
  });

  test('finds special tokens only when asked', () => {
    const found = expected.marked.map((text) => [...tokenizer.encode(text, { matchSpecial: true })]);
    expect(found).toEqual(expected.markedIds);
    for (const text of expected.marked) expect([...tokenizer.encode(text)].every((id) => id > 1)).toBe(true);
    expect(found.map((ids) => tokenizer.decode(ids))).toEqual(expected.marked);
  });
});

test.each(golden.learned)('the same merges are learned $name', ({ pattern, vocabSize, size, merges }) => {
  const tokenizer = BPETokenizer.train(golden.repeatedText, { pattern, vocabSize });
  expect(mergesOf(tokenizer)).toEqual(merges.split('\n'));
  expect(tokenizer.vocabSize).toBe(size);
});

test('the same merges are learned from a megabyte', () => {
  const { vocabSize, size, count, hash } = golden.huge;
  const progress: number[] = [];
  const tokenizer = BPETokenizer.train(long, { vocabSize, onProgress: (tokens) => progress.push(tokens) });
  expect(tokenizer.vocabSize).toBe(size);
  expect(mergesOf(tokenizer).length).toBe(count);
  expect(sha256(mergesOf(tokenizer).join('\n'))).toBe(hash);
  expect(progress.at(-1)).toBe(size);
});

describe('BPETokenizer', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });
  const anyBytes = fc.uint8Array({ maxLength: 80 });

  test('decode undoes encode, but for half pairs', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('gpt2', 'gpt4'), (text, pattern) => {
        const tokenizer = BPETokenizer.train(text, { vocabSize: 280, pattern });
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text).toString());
        expect(small.decode(small.encode(text))).toBe(Buffer.from(text).toString());
      }),
    );
    expect(small.decode(small.encode('a\ud800b\udc80'))).toBe('a\ufffdb\ufffd');
    expect(small.encode('\udc80')).toEqual(small.encode('\ufffd'));
  });

  test('decodeBytes undoes encodeBytes, for any bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(small.decodeBytes(small.encodeBytes(bytes))).toEqual(bytes);
        expect(small.decode(small.encodeBytes(bytes))).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('bytes come back at all limits of UTF-8', () => {
    for (let first = 0x7f; first < 0x100; first++) {
      for (const second of [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
        for (let length = 1; length <= 4; length++) {
          const bytes = Uint8Array.of(first, second, 0x80, 0xbf).subarray(0, length);
          expect(small.decodeBytes(small.encodeBytes(bytes))).toEqual(bytes);
        }
      }
    }
  });

  test('bytes that are a text have the tokens of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), anyBytes, (text, noise) => {
        const bytes = new TextEncoder().encode(text);
        expect(small.encodeBytes(bytes)).toEqual(small.encode(text));
        const mixed = Uint8Array.from([...bytes, 0xff, ...noise, 0xed, 0xa0, 0x80, ...bytes, 0xc3]);
        expect(small.decodeBytes(small.encodeBytes(mixed))).toEqual(mixed);
      }),
    );
  });

  test('a stream gives the same text, characters as soon as they are whole', () => {
    const pieces = fc.array(fc.nat({ max: small.vocabSize - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, (ids) => {
        const stream = small.stream();
        const parts = ids.map((id) => stream.push(id));
        expect(parts.join('') + stream.end()).toBe(small.decode(ids));
      }),
    );
    const bytes = BPETokenizer.train('', { vocabSize: 256 });
    const stream = bytes.stream();
    expect([...bytes.encode('é😀')].map((id) => stream.push(id))).toEqual(['', 'é', '', '', '', '😀']);
    expect(stream.push(bytes.encode('😀')[0]!) + stream.end()).toBe('\ufffd');
  });

  test('a very long word is encoded as its pieces say', () => {
    const tokenizer = BPETokenizer.train('abab abab ab', { vocabSize: 260, pattern: 'gpt2' });
    expect(tokenizer.decode(tokenizer.encode('ab'.repeat(20_000)))).toBe('ab'.repeat(20_000));
    expect(tokenizer.encode('ab'.repeat(20_000)).length).toBe(10_000);
  });

  test('the text in the comment comes back', () => {
    const tokenizer = BPETokenizer.train(['any', 'text'], {
      vocabSize: 4096,
      specialTokens: ['<|endoftext|>'],
    });
    expect(tokenizer.decode(tokenizer.encode('any text: 😀'))).toBe('any text: 😀');
    expect(tokenizer.specialTokens).toEqual(new Map([['<|endoftext|>', 0]]));
    expect(tokenizer.vocabSize).toBe(262);
  });

  const train =
    (options: object, texts: unknown = 'a') =>
    () =>
      BPETokenizer.train(texts as string, options as never);
  test.each<[() => unknown, string]>([
    [train({}), 'BPETokenizer.train: vocabSize is given. got nothing.'],
    [train({ vocabSize: 255 }), 'BPETokenizer.train: vocabSize is a whole number ≥ 256. got 255.'],
    [train({ vocabSize: 257, specialTokens: ['a', 'b'] }), 'vocabSize is a whole number ≥ 258. got 257.'],
    [train({ vocabSize: 300, pattern: 'gpt3' }), 'the pattern is known. got "gpt3". did you mean "gpt2"? known: gpt2, gpt4.'],
    [train({ vocabSize: 300, specialTokens: [''] }), 'special tokens are a list of strings, none of them empty. got [""].'],
    [train({ vocabSize: 300, specialTokens: ['x', 'x'] }), 'special tokens are distinct. got x x.'],
    [train({ vocabSize: 300, specialTokens: ['ab'] }, 'ab'), 'no merge makes a special token. got "ab".'],
    [train({ vocabSize: 300, specialTokens: ['a'] }), 'special tokens are no single bytes. got "a".'],
    [train({ vocabSize: 300, onProgress: 1 }), 'onProgress is a function. got 1.'],
    [train({ vocabSize: 300 }, ['a', 1]), 'texts are strings. got 1.'],
    [() => small.encode(5 as never), 'BPETokenizer.encode: the text is a string. got 5.'],
    [() => small.encode('a', { special: true } as never), 'BPETokenizer.encode: every option is known. got "special". known: matchSpecial.'],
    [() => small.encodeBytes('a' as never), 'BPETokenizer.encodeBytes: the bytes are a Uint8Array. got "a".'],
    [() => small.decode([0, 600]), 'BPETokenizer.decode: ids are those of tokens, whole numbers from 0 to 599. got 600.'],
    [() => small.stream().push(-1), 'from 0 to 599. got -1.'],
  ])('%s is refused', (call, message) => {
    expect(call).toThrow(message);
  }); // biome-ignore format: a table
});
