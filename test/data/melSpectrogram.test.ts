import { expect, test } from 'vitest';
import { melSpectrogram, padFrames } from '../../src/data/index.ts';
import { randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const mel = (f: number) => 2595 * Math.log10(1 + f / 700);

/** The formula of the documentation, by a direct DFT. */
function direct(
  x: readonly number[],
  { rate, mels, N, hop, K }: Record<'rate' | 'mels' | 'N' | 'hop' | 'K', number>,
) {
  const edges = Array.from({ length: mels + 2 }, (_, i) => (i * mel(rate / 2)) / (mels + 1));
  const rows: number[][] = [];
  for (let start = 0; start + N <= x.length; start += hop) {
    const powers = Array.from({ length: K / 2 + 1 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let n = 0; n < N; n++) {
        const value = x[start + n]! * 0.5 * (1 - Math.cos((2 * Math.PI * n) / N));
        re += value * Math.cos((2 * Math.PI * k * n) / K);
        im -= value * Math.sin((2 * Math.PI * k * n) / K);
      }
      return re * re + im * im;
    });
    rows.push(
      Array.from({ length: mels }, (_, m) => {
        const [low, middle, high] = edges.slice(m, m + 3).map((edge) => 700 * (10 ** (edge / 2595) - 1));
        let energy = 0;
        for (const [k, power] of powers.entries()) {
          const f = (k * rate) / K;
          if (f > low! && f <= middle!) energy += (power * (f - low!)) / (middle! - low!);
          if (f > middle! && f < high!) energy += (power * (high! - f)) / (high! - middle!);
        }
        return Math.log(1e-10 + energy);
      }),
    );
  }
  return rows;
}

test.each([
  ['8 kHz, 40 bands', { rate: 8000, mels: 40 }, { N: 200, hop: 80, K: 256 }],
  ['11025 Hz, 13 bands, rounded windows', { rate: 11025, mels: 13 }, { N: 276, hop: 110, K: 512 }],
  [
    'a window that is a power of two',
    { rate: 8000, mels: 10, window: 0.016, hop: 0.02 },
    { N: 128, hop: 160, K: 128 },
  ],
])('%s: as a direct DFT has it', (_, options, { N, hop, K }) => {
  const samples = Array.from(randn([3 * hop + N + hop - 1]).toTypedArray());
  const y = melSpectrogram(samples, options);
  expect(y.shape).toEqual([4, options.mels]);
  expectClose(y, direct(samples, { ...options, N, hop, K }), 1e-5);
});

test('a pure tone is in the band around it', () => {
  const samples = Float32Array.from(
    { length: 400 },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / 8000),
  );
  const rows = melSpectrogram(samples, { rate: 8000 }).toArray() as number[][];
  const edges = (band: number) => [band, band + 2].map((i) => (i * mel(4000)) / 41);
  const loudest = rows[0]!.indexOf(Math.max(...rows[0]!));
  expect(edges(loudest)[0]).toBeLessThan(mel(1000));
  expect(edges(loudest)[1]).toBeGreaterThan(mel(1000));
});

test('silence is ln 10⁻¹⁰', () => {
  expectClose(
    melSpectrogram(new Float32Array(200), { rate: 8000, mels: 2 }),
    [[Math.log(1e-10), Math.log(1e-10)]],
    1e-6,
  );
});

test.each([
  [199, {}, 'a sound is at least as long as a window, 200 samples. got 199.'],
  [400, { mels: 200 }, 'every band has a bin of the spectrum. got none from 0.0 to'],
  [400, { hop: 0 }, 'samples of a hop is a whole number ≥ 1. got 0.'],
  [400, { rate: Number.NaN }, 'rate is a finite number ≥ 1. got NaN.'],
  [400, { bands: 3 }, 'every option is known. got "bands"'],
])('%i samples with %j are an error', (length, options, message) => {
  expect(() => melSpectrogram(new Float32Array(length), { rate: 8000, ...options })).toThrow(message);
});

test('padFrames puts zeros behind each sequence', () => {
  const { features, frames } = padFrames([tensor([[1, 2]]), tensor([[3, 4], [5, 6]])]); // biome-ignore format: rows
  expect(frames).toEqual([1, 2]);
  expect(features.toArray()).toEqual([[[1, 2], [0, 0]], [[3, 4], [5, 6]]]); // biome-ignore format: rows
  expect(() => padFrames([])).toThrow('padFrames: sequences are a list of at least one. got [].');
  expect(() => padFrames([zeros([2, 3]), zeros([2, 4])])).toThrow('a sequence is (T, 3) float32 with T ≥ 1');
});
