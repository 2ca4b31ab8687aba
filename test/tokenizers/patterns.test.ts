import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { piecesOf } from '../../src/tokenizers/patterns.ts';
import { golden } from './golden.ts';

describe.each(['gpt2', 'gpt4'] as const)('the rule of %s', (pattern) => {
  test("cuts where Hugging Face's does", () => {
    const ends = golden.cuts.texts.map((text) => {
      let end = 0;
      return Array.from(piecesOf(text, pattern), (piece) => {
        end += [...piece].length;
        return end;
      });
    });
    expect(ends).toEqual(golden.cuts.ends[pattern]);
  });

  test('leaves nothing out, of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const pieces = [...piecesOf(text, pattern)];
        expect(pieces.join('')).toBe(text);
        expect(pieces).not.toContain('');
      }),
    );
  });
});
