/** Recordings and what is said in them, for a model that hears log-mel spectrograms and spells symbols. */
import { distance } from 'fastest-levenshtein';
import { randomStream, Tensor } from 'scratchformer';
import { melSpectrogram, padFrames } from 'scratchformer/data';
import { shuffled } from './shuffled.ts';

/** What was recorded, and what is said in it. */
export interface Recording {
  readonly word: string;
  readonly samples: Float32Array;
}

/** A spectrogram, and the symbols that are said in it: 1 … in the alphabet; 0 is the blank. */
export interface Heard {
  readonly spectrogram: Tensor;
  readonly symbols: readonly number[];
  readonly word: string;
}

/** The spectrogram of a recording with mean 0 and variance 1: loudness tells nothing. */
export function hear(
  { word, samples }: Recording,
  { alphabet, rate }: { alphabet: string; rate: number },
): Heard {
  const log = melSpectrogram(samples, { rate });
  const values = log.toTypedArray();
  const mean = meanOf(values);
  const deviation = Math.sqrt(meanOf(Float64Array.from(values, (x) => (x - mean) ** 2)) + 1e-5);
  const spectrogram = Tensor.over(
    Float32Array.from(values, (x) => (x - mean) / deviation),
    log.shape,
  );
  return { spectrogram, symbols: [...word].map((symbol) => 1 + alphabet.indexOf(symbol)), word };
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Inputs and targets of a Conformer. */
export function speechBatch(heard: readonly Heard[]) {
  return {
    inputs: padFrames(heard.map(({ spectrogram }) => spectrogram)),
    targets: heard.map(({ symbols }) => symbols),
  };
}

/** Batches without end: each epoch in another order, recordings of about one length together. */
export function* speechBatches(heard: readonly Heard[], batchSize: number) {
  for (;;) {
    const sorted = shuffled(heard).sort((a, b) => a.spectrogram.shape[0]! - b.spectrogram.shape[0]!);
    const starts = Array.from({ length: Math.ceil(sorted.length / batchSize) }, (_, i) => i * batchSize);
    for (const first of shuffled(starts))
      yield speechBatch(sorted.slice(first, first + batchSize).map(masked));
  }
}

/**
 * SpecAugment: a copy in which one random stretch of up to 8 bands and one of up to 6 frames is 0, the mean.
 *
 * Park et al., "SpecAugment", arXiv:1904.08779
 */
function masked(heard: Heard): Heard {
  const [T, M] = heard.spectrogram.shape as [number, number];
  const data = heard.spectrogram.toTypedArray();
  const [band, bands] = stretch(M, 8);
  for (let t = 0; t < T; t++) data.fill(0, t * M + band, t * M + band + bands);
  const [frame, frames] = stretch(T, 6);
  data.fill(0, frame * M, (frame + frames) * M);
  return { ...heard, spectrogram: Tensor.over(data, [T, M]) };
}

/** Where a random stretch begins, and how long it is: up to `most`. */
function stretch(length: number, most: number): [first: number, size: number] {
  const random = randomStream('mask');
  const size = Math.floor(random() * (Math.min(length, most) + 1));
  return [Math.floor(random() * (length - size + 1)), size];
}

/**
 * Edits (a symbol more, less, or another) that turn what was written into what was said, for each symbol
 * said.
 */
export function symbolErrorRate(written: readonly string[], said: readonly string[]): number {
  const edits = said.reduce((sum, word, i) => sum + distance(written[i]!, word), 0);
  return edits / said.reduce((sum, word) => sum + word.length, 0);
}
