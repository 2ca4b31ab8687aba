import { check, display, heapArray, show, Tensor } from '../tensor/index.ts';

/** Sequences of different lengths as one batch. */
export interface Padded {
  /** Tokens, (B, T) int32: each sequence from its start, then `padding` up to the longest. */
  readonly tokens: Tensor;
  /** Mask for attention, (B, T) int32: 1 where `tokens` is padding. */
  readonly keyPaddingMask: Tensor;
}

/** Makes one batch of sequences of different lengths. */
export function pad(sequences: readonly ArrayLike<number>[], padding: number): Padded {
  check(Array.isArray(sequences), 'pad', 'sequences are a list', () => display(sequences));
  for (const sequence of sequences) {
    const odd = Array.from(sequence).find((token) => !Number.isInteger(token));
    check(odd === undefined, 'pad', 'tokens are whole numbers', () => display(odd));
  }
  check(Number.isInteger(padding), 'pad', 'padding is a whole number', () => display(padding));
  const T = Math.max(0, ...sequences.map(({ length }) => length));
  check(
    T > 0,
    'pad',
    'at least one sequence has a token',
    () => `${sequences.length} sequences, the longest of ${T} tokens`,
  );
  const shape = [sequences.length, T];
  const tokens = heapArray('pad', 'int32', shape).fill(padding);
  const mask = heapArray('pad', 'int32', shape).fill(1);
  for (const [row, sequence] of sequences.entries()) {
    tokens.set(sequence, row * T);
    mask.fill(0, row * T, row * T + sequence.length);
  }
  return { tokens: Tensor.over(tokens, shape), keyPaddingMask: Tensor.over(mask, shape) };
}

/** Sequences of vectors, of different lengths, as one batch. */
export interface PaddedFrames {
  /** Vectors, (B, T, C) float32: each sequence from its start, then zeros up to the longest. */
  readonly features: Tensor;
  /** Number of vectors of each sequence. */
  readonly frames: number[];
}

/** Makes one batch of sequences (T, C) of different lengths, such as spectrograms. */
export function padFrames(sequences: readonly Tensor[]): PaddedFrames {
  const where = 'padFrames';
  check(Array.isArray(sequences) && sequences.length > 0, where, 'sequences are a list of at least one', () => display(sequences)); // biome-ignore format: one line
  const C = sequences[0]!.shape[1]!;
  for (const { rank, shape, dtype } of sequences) {
    check(
      rank === 2 && shape[0]! > 0 && shape[1] === C && dtype === 'float32',
      where,
      `a sequence is (T, ${C}) float32 with T ≥ 1, as wide as the first`,
      () => `${dtype} of shape ${show(shape)}`,
    );
  }
  const frames = sequences.map(({ shape }) => shape[0]!);
  const T = Math.max(...frames);
  const features = heapArray(where, 'float32', [sequences.length, T, C]);
  for (const [b, sequence] of sequences.entries()) features.set(sequence.toTypedArray(), b * T * C);
  return { features: Tensor.over(features, [sequences.length, T, C]), frames };
}
