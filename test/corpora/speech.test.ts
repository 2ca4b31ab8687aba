import { expect, test } from 'vitest';
import { speechRate, speechSymbols, spokenWords } from '../../src/corpora/index.ts';
import { melSpectrogram } from '../../src/data/index.ts';

const place = (symbol: string) => 1 + speechSymbols.indexOf(symbol);
const sum = (word: string) => [...word].reduce((total, symbol) => total + place(symbol), 0);
const training = spokenWords({ words: 400, seed: 3 });
const heldOut = spokenWords({ words: 400, heldOut: true, speakers: 10, seed: 3 });

test('same seed, same recordings; another seed, others', () => {
  expect(spokenWords({ words: 5, seed: 3 })).toEqual(training.slice(0, 5));
  expect(spokenWords({ words: 5, seed: 4 })).not.toEqual(training.slice(0, 5));
});

test('held-out words and voices are never in training', () => {
  expect(training.filter(({ word }) => sum(word) % 5 === 0)).toEqual([]);
  expect(heldOut.filter(({ word }) => sum(word) % 5 !== 0)).toEqual([]);
  expect(heldOut.every(({ samples }, i) => samples.length !== training[i]!.samples.length)).toBe(true);
  expect([
    Math.max(...training.map(({ speaker }) => speaker)),
    Math.max(...heldOut.map(({ speaker }) => speaker)),
  ]).toEqual([39, 9]);
});

test.each([
  ['training', training],
  ['held out', heldOut],
])('%s: words of 3 to 8 symbols, all lengths and symbols about equally often', (_, words) => {
  const counts = (keys: readonly (string | number)[]) =>
    [...new Set(keys)].sort().map((key) => keys.filter((one) => one === key).length);
  const lengths = words.map(({ word }) => word.length);
  expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([3, 8]);
  for (const count of counts(lengths)) expect(count / 400).toBeGreaterThan(0.11); // 1/6 on average
  const symbols = words.flatMap(({ word }) => [...word]);
  const shares = counts(symbols).map((count) => count / symbols.length);
  expect(shares).toHaveLength(12);
  for (const share of shares) expect(Math.abs(share - 1 / 12)).toBeLessThan(0.02);
});

test('sounds lie within ±1, last as long as a word does, and differ in loudness', () => {
  for (const { word, samples } of training) {
    const seconds = samples.length / speechRate;
    expect(seconds / word.length).toBeGreaterThan(0.07);
    expect(seconds / word.length).toBeLessThan(0.4);
    expect(samples.every((x) => Math.abs(x) <= 1)).toBe(true);
  }
  const peaks = training.map(({ samples }) => Math.max(...samples));
  expect(Math.max(...peaks) / Math.min(...peaks)).toBeGreaterThan(5);
});

test('a symbol is heard as the path that it stands for', () => {
  /**
   * How far the second formant goes up while the first symbol is said: the centre of 0.9 to 2.8 kHz, in
   * bands.
   */
  const rise = (samples: Float32Array) => {
    const rows = melSpectrogram(samples, { rate: speechRate }).toArray() as number[][];
    const energies = rows.map((row) => row.map(Math.exp));
    const loudness = energies.map((row) => row.reduce((a, b) => a + b));
    const start = loudness.findIndex((loud) => loud > 0.1 * Math.max(...loudness));
    const centre = (t: number) => {
      const part = energies[t]!.slice(18, 34);
      return part.reduce((total, energy, band) => total + band * energy, 0) / part.reduce((a, b) => a + b);
    };
    return centre(start + 6) - centre(start);
  };
  const mean = (symbol: string) => {
    const rises = training.flatMap(({ word, samples }) => (word[0] === symbol ? [rise(samples)] : []));
    return rises.reduce((a, b) => a + b) / rises.length;
  };
  expect(mean('a')).toBeLessThan(-3); // i to a
  expect(mean('b')).toBeGreaterThan(3); // a to i
  expect(mean('c')).toBeLessThan(-3); // i to u
  expect(mean('d')).toBeGreaterThan(3); // u to i
});

test('bad options are errors', () => {
  expect(() => spokenWords({ words: 0 })).toThrow('spokenWords: words is a whole number ≥ 1. got 0.');
  expect(() => spokenWords({ word: 3 } as never)).toThrow('did you mean "words"?');
});
