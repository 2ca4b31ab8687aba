import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { manualSeed } from '../../src/tensor/index.ts';
import { BPETokenizer, ByteTokenizer, CharTokenizer, type Tokenizer } from '../../src/tokenizers/index.ts';
import { bitsPerByte, evaluateLoss, scoredBytes } from '../../src/train/index.ts';

const text = 'Er ging über die Brücke und, 🐀, zurück.\n'.repeat(8);
const specialTokens = ['<|endoftext|>'];
const all: [name: string, tokenizer: Tokenizer][] = [
  ['char', CharTokenizer.from(text)],
  ['bytes', new ByteTokenizer({ specialTokens })],
  ['BPE', BPETokenizer.train(text, { vocabSize: 280, specialTokens })],
];
const bytesOf = (some: string) => Buffer.byteLength(some);

test.each(all)('the loss of a model in bits per byte is that of a direct count: %s', (_, tokenizer) => {
  manualSeed(1);
  const model = new GPT({ vocabSize: tokenizer.vocabSize, context: 16, layers: 1, heads: 1, width: 8 });
  const tokens = tokenizer.encode(text);
  const loss = evaluateLoss(model, tokens, { context: 16 });
  const bytes = bytesOf(text) - bytesOf(tokenizer.decode([tokens[0]!])); // the first token is not predicted
  expect(bitsPerByte(loss, tokens, tokenizer)).toBeCloseTo(
    (loss * (tokens.length - 1)) / Math.log(2) / bytes,
    12,
  );
});

test('a model that knows nothing pays log₂ 256 bits for a byte, 8, and special tokens cost it more', () => {
  const [, tokenizer] = all[1]!;
  const tokens = tokenizer.encode('ab🐀');
  expect(bitsPerByte(Math.log(256), tokens, tokenizer)).toBeCloseTo(8, 12);
  const ended = tokenizer.encode('ab🐀<|endoftext|>', { matchSpecial: true });
  expect(ended.length).toBe(tokens.length + 1);
  expect(bitsPerByte(Math.log(256), ended, tokenizer)).toBeCloseTo((8 * 6) / 5, 12);
  expect(() => bitsPerByte(1, Int32Array.of(97, 256), tokenizer)).toThrow('at least one byte. got 0.');
});

test('bytes of tokens cut anywhere add up to the bytes of the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), fc.nat(), (some, at) => {
      for (const [name, tokenizer] of all.slice(1)) {
        const ids = tokenizer.encode(some);
        const cut = at % (ids.length + 1);
        const [left, right] = [ids.subarray(0, cut), ids.subarray(cut)].map((part) =>
          tokenizer.countBytes(part),
        );
        expect(left! + right!, name).toBe(bytesOf(some));
      }
    }),
  );
});

test('a long text is counted in parts', () => {
  const tokenizer = new ByteTokenizer();
  expect(scoredBytes(tokenizer.encode('x'.repeat(200_000)), tokenizer)).toBe(199_999);
});
