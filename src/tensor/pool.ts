/** A piece of memory. */
export interface Piece {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
}

/** A piece of memory that goes back to where it came from: `block.pool.give(block)`. */
export interface Block extends Piece {
  readonly capacity: number;
  readonly pool: Pool;
}

/**
 * Recycles blocks by size. There are four size classes to each power of two, so that at most a quarter of a
 * block is wasted and sizes that differ little share blocks.
 */
export class Pool {
  /** Tells whether the garbage collector reclaims a block that nobody gives back. */
  readonly collectable: boolean;
  readonly #newPiece: (capacity: number) => Piece;
  readonly #free = new Map<number, Block[]>();

  constructor(newPiece: (capacity: number) => Piece, { collectable = false } = {}) {
    this.#newPiece = newPiece;
    this.collectable = collectable;
  }

  /** A block of at least that many bytes; its contents are arbitrary. */
  take(bytes: number): Block {
    const capacity = sizeClass(bytes);
    return this.#free.get(capacity)?.pop() ?? { ...this.#newPiece(capacity), capacity, pool: this };
  }

  give(block: Block): void {
    const list = this.#free.get(block.capacity);
    if (list) list.push(block);
    else this.#free.set(block.capacity, [block]);
  }
}

/** Ordinary JavaScript memory. */
export const heapPool = new Pool((capacity) => ({ buffer: new ArrayBuffer(capacity), byteOffset: 0 }), {
  collectable: true,
});

/** The size of the blocks that serve so many bytes. */
export function sizeClass(bytes: number): number {
  if (bytes <= 64) return 64;
  const step = 2 ** (29 - Math.clz32(bytes - 1));
  return Math.ceil(bytes / step) * step;
}
