import { check, display, heapArray, Tensor } from '../tensor/index.ts';

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
