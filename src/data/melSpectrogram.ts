import FFT from 'fft.js';
import { check, checkFinite, checkWhole, required, Tensor, withDefaults } from '../tensor/index.ts';

/** The options of `melSpectrogram`. */
export interface MelSpectrogramOptions {
  /** Samples per second. */
  readonly rate: number;
  /** M, the number of bands. Default 40. */
  readonly mels?: number;
  /** Seconds that a frame sees. Default 0.025. */
  readonly window?: number;
  /** Seconds from one frame to the next. Default 0.010. */
  readonly hop?: number;
}

/**
 * What the ear gets of a sound: the logarithm of its energy in M bands, frame by frame.
 *
 *   frame t  xₜ[n] = samples[t·hop + n]·½(1 − cos(2πn/N)) for n < N     Hann's window; then zeros up to K = 2^⌈log₂N⌉
 *   bin k    Pₜ[k] = |Σₙ xₜ[n]·exp(−2πi·kn/K)|²                           by FFT; its frequency is k·rate/K
 *   band m   y[t, m] = ln(10⁻¹⁰ + Σₖ w_m(k)·Pₜ[k])
 *
 * w_m is a triangle: it rises from 0 to 1 between the edges f_m and f_{m+1} and falls to 0 at f_{m+2}. The M
 * + 2 edges lie evenly from 0 to rate/2 on the mel scale, mel(f) = 2595·log₁₀(1 + f/700).
 *
 * Shapes: samples (S) → (T, M) float32, T = 1 + ⌊(S − N)/hop⌋: frames lie within the sound.
 *
 * Davis & Mermelstein, 1980; this mel scale: O'Shaughnessy, "Speech Communication", 1987
 */
export function melSpectrogram(samples: ArrayLike<number>, options: MelSpectrogramOptions): Tensor {
  const where = 'melSpectrogram';
  const settings = withDefaults<Required<MelSpectrogramOptions>>(where, options, {
    rate: required,
    mels: 40,
    window: 0.025,
    hop: 0.01,
  });
  const { rate, mels } = settings;
  checkFinite(where, { rate }, 1);
  checkWhole(where, { mels }, 1);
  const [N, hop] = [Math.round(settings.window * rate), Math.round(settings.hop * rate)];
  checkWhole(where, { 'samples of a window': N, 'samples of a hop': hop }, 1);
  check(
    samples.length >= N,
    where,
    `a sound is at least as long as a window, ${N} samples`,
    () => `${samples.length}`,
  );
  const K = 2 ** Math.max(1, Math.ceil(Math.log2(N)));
  const bands = triangles(mels, rate, K);
  const T = 1 + Math.floor((samples.length - N) / hop);
  const y = new Float32Array(T * mels);
  const powers = powerSpectrum(N, K);
  for (let t = 0; t < T; t++) {
    const P = powers(samples, t * hop);
    for (const [m, { first, weights }] of bands.entries()) {
      const energy = weights.reduce((sum, weight, i) => sum + weight * P[first + i]!, 0);
      y[t * mels + m] = Math.log(1e-10 + energy);
    }
  }
  return Tensor.over(y, [T, mels]);
}

/** Computes P[0 … K/2] of the N samples from `start` on; the result is overwritten by the next call. */
function powerSpectrum(N: number, K: number): (samples: ArrayLike<number>, start: number) => Float64Array {
  const hann = Float64Array.from({ length: N }, (_, n) => 0.5 * (1 - Math.cos((2 * Math.PI * n) / N)));
  const fft = new FFT(K);
  const [frame, spectrum, powers] = [
    new Float64Array(K),
    new Float64Array(2 * K),
    new Float64Array(K / 2 + 1),
  ];
  return (samples, start) => {
    for (let n = 0; n < N; n++) frame[n] = samples[start + n]! * hann[n]!;
    fft.realTransform(spectrum, frame);
    for (let k = 0; k <= K / 2; k++) powers[k] = spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2;
    return powers;
  };
}

/** A band's weights, from its first bin on. */
interface Band {
  readonly first: number;
  readonly weights: readonly number[];
}

function triangles(mels: number, rate: number, K: number): Band[] {
  const top = mel(rate / 2);
  const edge = (i: number) => frequency((i * top) / (mels + 1));
  return Array.from({ length: mels }, (_, m) => {
    const [low, middle, high] = [edge(m), edge(m + 1), edge(m + 2)];
    const bins = Array.from({ length: K / 2 + 1 }, (_, k) => (k * rate) / K);
    const weights = bins.map((f) => Math.min((f - low) / (middle - low), (high - f) / (high - middle)));
    const inside = weights.filter((weight) => weight > 0);
    check(
      inside.length > 0,
      'melSpectrogram',
      'every band has a bin of the spectrum',
      () => `none from ${low.toFixed(1)} to ${high.toFixed(1)} Hz, with bins of ${(rate / K).toFixed(1)} Hz`,
      () => 'take fewer mels, or a longer window',
    );
    return { first: weights.findIndex((weight) => weight > 0), weights: inside };
  });
}

const mel = (f: number) => 2595 * Math.log10(1 + f / 700);
const frequency = (m: number) => 700 * (10 ** (m / 2595) - 1);
