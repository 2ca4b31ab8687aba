import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteTokenizer } from '../../src/tokenizers/index.ts';

describe('ByteTokenizer', () => {
  const tokenizer = new ByteTokenizer({ specialTokens: ['<|end|>', '<|end|>!'] });

  test('has a token for each byte, then the special ones', () => {
    expect(tokenizer.vocabSize).toBe(258);
    expect(tokenizer.specialTokens.get('<|end|>')).toBe(256);
    expect(tokenizer.encode('é<')).toEqual(Int32Array.of(195, 169, 60));
    expect(tokenizer.encode('é<|end|>', { matchSpecial: true })).toEqual(Int32Array.of(195, 169, 256));
    expect(tokenizer.encode('<|end|>!', { matchSpecial: true })).toEqual(Int32Array.of(257)); // the longest
    expect(tokenizer.encode('<|end|>').length).toBe(7);
    expect(tokenizer.decode([256, 97])).toBe('<|end|>a');
  });

  test('texts and bytes come back, but for half pairs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, bytes) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text).toString());
        expect(tokenizer.decodeBytes(tokenizer.encodeBytes(bytes))).toEqual(bytes);
      }),
    );
    expect(tokenizer.decode(tokenizer.encode('\ufeffa\ud83d'))).toBe('\ufeffa\ufffd');
  });

  test('a stream gives characters as soon as they are whole', () => {
    const stream = tokenizer.stream();
    expect([...tokenizer.encode('aé😀')].map((id) => stream.push(id))).toEqual([
      'a',
      '',
      'é',
      '',
      '',
      '',
      '😀',
    ]);
    expect(stream.push(195) + stream.end()).toBe('\ufffd');
  });

  test('comes back from JSON', () => {
    const again = ByteTokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(again.specialTokens).toEqual(tokenizer.specialTokens);
  });

  test.each<[() => unknown, string]>([
    [() => new ByteTokenizer({ special: [] } as never), 'ByteTokenizer: every option is known. got "special". known: specialTokens.'],
    [() => new ByteTokenizer({ specialTokens: ['a', 'a'] }), 'ByteTokenizer: special tokens are distinct. got a a.'],
    [() => new ByteTokenizer({ specialTokens: 'a' as never }), 'special tokens are a list of strings, none of them empty. got "a".'],
    [() => tokenizer.encode(1 as never), 'ByteTokenizer.encode: the text is a string. got 1.'],
    [() => tokenizer.encodeBytes([1] as never), 'ByteTokenizer.encodeBytes: the bytes are a Uint8Array. got [1].'],
    [() => tokenizer.decode([258]), 'ByteTokenizer.decode: ids are those of tokens, whole numbers from 0 to 257. got 258.'],
    [() => tokenizer.decode([0.5]), 'got 0.5.'],
    [() => ByteTokenizer.fromJSON({ type: 'char' }), "ByteTokenizer.fromJSON: the object is { type: 'byte', specialTokens: ['<|end|>', …] }. got { type: \"char\" }."],
  ])('%s is refused', (call, message) => {
    expect(call).toThrow(message);
  }); // biome-ignore format: a table
});
