import { check, checkRoom, checkWhole, required, withDefaults } from '../tensor/index.ts';
import { type Batch, checkSizes, cut, type Tokens } from './tokens.ts';

/** The options of `shuffledBatch`. */
export interface ShuffledOptions {
  /** B, windows in a batch. */
  readonly batchSize: number;
  /** T, tokens in a window. */
  readonly context: number;
  /** Number of the batch, from 0: the place in an endless row of epochs. */
  readonly index: number;
  /** A whole number that decides the order. */
  readonly seed: number;
}

/**
 * The batch of this number when all ⌊(N − 1)/T⌋ windows that lie side by side are read once in each epoch, in
 * an order that is new in each. It remembers nothing: the same number gives the same batch.
 */
export function shuffledBatch(tokens: Tokens, options: ShuffledOptions): Batch {
  const where = 'shuffledBatch';
  const { batchSize, context, index, seed } = withDefaults<ShuffledOptions>(where, options, {
    batchSize: required,
    context: required,
    index: required,
    seed: required,
  });
  checkSizes(where, tokens, { batchSize, context });
  checkWhole(where, { index });
  checkWhole(where, { seed }, Number.MIN_SAFE_INTEGER);
  checkRoom(where, 'int32', [batchSize, context]);
  const count = Math.floor((tokens.length - 1) / context);
  const starts = Array.from({ length: batchSize }, (_, row) => {
    const place = index * batchSize + row;
    return context * shuffled(place % count, count, [seed, Math.floor(place / count)]);
  });
  return cut(tokens, starts, context);
}

/**
 * The number that a permutation of 0 … count − 1 has at a place: a Feistel network of six rounds over the next
 * power of four, 256 at least, gone through again while the number is too large.
 *
 * Black and Rogaway, "Ciphers with arbitrary finite domains", 2002.
 */
export function shuffled(place: number, count: number, key: readonly number[]): number {
  check(count <= 2 ** 32, 'shuffled', 'there are at most 2³² numbers', () => `${count}`);
  const half = Math.max(4, Math.ceil(Math.log2(count) / 2)); // bits
  const mask = 2 ** half - 1;
  const start = key.reduce(mixed, 0);
  let number = place;
  do {
    let [left, right] = [Math.floor(number / 2 ** half), number % 2 ** half];
    for (let round = 0; round < 6; round++)
      [left, right] = [right, left ^ (mixed(mixed(start, round), right) & mask)];
    number = left * 2 ** half + right;
  } while (number >= count);
  return number;
}

/** A hash of 32 bits with one more number in it, by the finish of MurmurHash3 (Appleby, 2011). */
function mixed(hash: number, value: number): number {
  let x = Math.imul(hash, 0x9e3779b1) ^ value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
