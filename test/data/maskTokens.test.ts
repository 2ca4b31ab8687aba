import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskTokens } from '../../src/data/index.ts';
import { manualSeed, randomStream } from '../../src/tensor/index.ts';

const settings = { vocabSize: 50, special: 4, mask: 3 };
const sequence = fc
  .array(fc.nat(49), { minLength: 1, maxLength: 60 })
  .filter((tokens) => tokens.some((token) => token >= 4));

describe('maskTokens', () => {
  test('chooses the share of the ordinary tokens, at least one; targets say what was there', () => {
    fc.assert(
      fc.property(
        sequence,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.nat(),
        (tokens, share, seed) => {
          manualSeed(seed);
          const { inputs, targets } = maskTokens(tokens, { ...settings, share });
          const chosen = [...tokens.keys()].filter((i) => targets[i] !== -100);
          const ordinary = tokens.filter((token) => token >= 4).length;
          expect([inputs.length, targets.length]).toEqual([tokens.length, tokens.length]);
          expect(chosen).toHaveLength(Math.max(1, Math.round(share * ordinary)));
          for (const [i, token] of tokens.entries()) {
            expect(targets[i]).toBe(chosen.includes(i) ? token : -100);
            if (!chosen.includes(i)) expect(inputs[i]).toBe(token);
            else expect(token >= 4 && (inputs[i] === 3 || inputs[i]! >= 4)).toBe(true);
          }
        },
      ),
    );
  });

  test('80 % become [MASK], 10 % any ordinary token, 10 % stay; every place is as likely', () => {
    manualSeed(1);
    const tokens = Int32Array.from({ length: 20 }, () => 7);
    const runs = 4000; // 3 of the 20 in each
    const places = new Array(20).fill(0);
    const became = new Map<number, number>();
    for (let run = 0; run < runs; run++) {
      const { inputs, targets } = maskTokens(tokens, settings);
      for (const [i, target] of targets.entries()) {
        if (target === -100) continue;
        places[i]++;
        became.set(inputs[i]!, (became.get(inputs[i]!) ?? 0) + 1);
      }
    }
    const share = (token: number) => became.get(token)! / (3 * runs);
    // Five standard deviations of a share p are 5·√(p(1 − p)/12000).
    expect(Math.abs(share(3) - 0.8)).toBeLessThan(0.019);
    expect(Math.abs(share(7) - (0.1 + 0.1 / 46))).toBeLessThan(0.015);
    const others = [...became.keys()].filter((token) => token !== 3 && token !== 7);
    expect(new Set(others)).toEqual(
      new Set([...Array(50).keys()].filter((token) => token >= 4 && token !== 7)),
    );
    for (const token of others) expect(Math.abs(share(token) - 0.1 / 46)).toBeLessThan(0.0022);
    for (const count of places) expect(Math.abs(count / runs - 0.15)).toBeLessThan(0.03);
  });

  test('its numbers come from the stream given', () => {
    const tokens = Array.from({ length: 40 }, (_, i) => 4 + i);
    const once = (name: string) => {
      manualSeed(3);
      return maskTokens(tokens, { ...settings, random: randomStream(name) });
    };
    expect(once('a')).toEqual(once('a'));
    expect(once('a')).not.toEqual(once('b'));
  });

  test.each<[string, () => unknown, string]>([
    [
      'only special tokens',
      () => maskTokens([1, 2, 0], settings),
      'at least one token is not special. got [1, 2, 0]',
    ],
    ['share', () => maskTokens([9], { ...settings, share: 0 }), 'the share lies in (0, 1]. got 0'],
    ['mask', () => maskTokens([9], { ...settings, mask: 4 }), 'got mask 4, 4 special tokens, vocabSize 50'],
    ['a token', () => maskTokens([9, 50], settings), 'tokens lie in [0, 50). got 50'],
    ['a fraction', () => maskTokens([9], { ...settings, vocabSize: 10.5 }), 'vocabSize 10.5'],
    ['option', () => maskTokens([9], { ...settings, shares: 1 } as never), 'did you mean "share"?'],
  ])('refuses %s', (_, use, message) => {
    expect(use).toThrow(message);
  });
});
