import { expect, test } from 'vitest';
import { stopToken } from '../../src/cli/stopToken.ts';
import { BPETokenizer, CharTokenizer } from '../../src/tokenizers/index.ts';

const chars = CharTokenizer.from('ab\n');
const end = '<|endoftext|>';
const bpe = BPETokenizer.train('the end of the text', { vocabSize: 270, specialTokens: [end] });

test('the usual one is the end of a document, else a line break', () => {
  expect(stopToken(bpe)).toEqual({ name: end, id: bpe.specialTokens.get(end) });
  const plain = BPETokenizer.train('the end\n', { vocabSize: 260 });
  expect(stopToken(plain)).toEqual({ name: '\n', id: plain.encode('\n')[0] });
  expect(stopToken(chars)).toEqual({ name: '\n', id: 0 });
});

test('one can be named: a special token, a character, a whole piece of text', () => {
  expect(stopToken(bpe, end).id).toBe(bpe.specialTokens.get(end));
  expect(stopToken(bpe, ' the').id).toBe(bpe.encode(' the')[0]);
  expect(stopToken(chars, 'b').id).toBe(2);
});

test.each([
  ['no token', () => stopToken(chars, '#'), '"#"'],
  ['two tokens', () => stopToken(chars, 'ab'), '"ab"'],
  ['no line break', () => stopToken(CharTokenizer.from('ab')), '"\\n"'],
])('%s is an error', (_, use, got) => {
  expect(use).toThrow(
    `stop: the text ends with one token that the model knows. got ${got}. name another, such as a character`,
  );
});
