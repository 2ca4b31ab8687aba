import type { DType, Memory, TypedArray } from './room.ts';

/**
 * Numbers that live beside the host, such as on a GPU. There may be a copy on the host: of the two, one at
 * least is valid, and each call here brings the one over that it needs.
 */
export interface Remote {
  readonly dtype: DType;
  readonly length: number;
  readonly byteLength: number;
  /** What kernels take: all numbers, or some of them. */
  handle(offset?: number, length?: number): Memory;
  /** The host's array, to read and to write: from here on it alone is valid. */
  data(): TypedArray;
  /** Some numbers on the host, to read only: what is there stays valid. */
  read(offset: number, length: number): TypedArray;
  fill(value: number): void;
  /** Hands the memory back. */
  release(): void;
}
