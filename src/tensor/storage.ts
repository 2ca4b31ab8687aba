/**
 * Memory and who owns it.
 *
 * A `Storage` is one block of numbers, shared by a tensor and its views. Blocks come from a pool and go back
 * to it when their owner ends: the op that made a temporary, the graph that backward consumed, the `noGrad`
 * scope. What nobody owns goes to the heap (plain results) or back when it is garbage collected (parameters,
 * gradients, optimizer state). Releasing makes every later touch an error, so a recycled block is never read
 * by accident.
 */
import { fail } from './errors.ts';
import { type Block, heapPool, type Pool } from './pool.ts';
import { allocating, arrayTypes, type DType, dtypeOf, type Memory, type TypedArray } from './room.ts';
import { collectInto, own } from './scope.ts';
import { type Shape, sizeOf } from './shape.ts';

/** The memory of a tensor and of its views, and when it is handed back. */
export class Storage {
  /** Grows with every change in place; backward compares it with what it saw when it saved the tensor. */
  version = 0;
  readonly dtype: DType;
  /** The op that made it, for error messages. */
  readonly madeBy: string;
  #data: TypedArray | null;
  #block: Block | null = null;
  #kept = false;

  constructor(data: TypedArray, madeBy: string) {
    this.#data = data;
    this.dtype = dtypeOf(data);
    this.madeBy = madeBy;
  }

  /**
   * A recycled block: its contents are arbitrary. It belongs to the current scope; without one, to whoever
   * holds it.
   */
  static allocate(dtype: DType, shape: Shape, madeBy: string): Storage {
    const ArrayType = arrayTypes[dtype];
    const length = sizeOf(shape);
    const block = allocating(madeBy, dtype, shape, takeBlock);
    const storage = new Storage(new ArrayType(block.buffer as ArrayBuffer, block.byteOffset, length), madeBy);
    storage.#block = block;
    own(storage);
    return storage;
  }

  /**
   * Zeros that live as long as something refers to them, whatever scope is running: parameters, state,
   * caches.
   */
  static persistent(dtype: DType, shape: Shape, madeBy: string): Storage {
    const storage = collectInto(null, () => Storage.allocate(dtype, shape, madeBy));
    storage.data.fill(0);
    if (storage.#block?.pool === heapPool) firstOnHeap ??= new WeakRef(storage);
    return storage;
  }

  /** The host's view of the numbers, to read and to write. */
  get data(): TypedArray {
    return this.#data ?? this.#failReleased();
  }

  /** The handle that kernels take: on the CPU the typed array itself. */
  get memory(): Memory {
    return this.data;
  }

  /** A handle of some of the numbers. */
  part(offset: number, length: number): Memory {
    return this.data.subarray(offset, offset + length);
  }

  get length(): number {
    return this.data.length;
  }

  get bytes(): number {
    return this.data.byteLength;
  }

  /** Tells whether kernels work on the numbers where they are; the user's own arrays may lie elsewhere. */
  get isNear(): boolean {
    return this.#block !== null || source.collectable === true;
  }

  /** Tells whether the block came from the pool, so that an owner may hand it back one day. */
  get recycled(): boolean {
    return this.#block !== null;
  }

  /**
   * Hands the block back to the pool: every tensor on this storage is unusable from here on. The caller's own
   * arrays stay.
   */
  release(): void {
    if (this.#block === null) return;
    if (poison) this.#data?.fill(Number.NaN);
    if (this.#kept) collected.unregister(this);
    this.#block.pool.give(this.#block);
    this.#block = null;
    this.#data = null;
  }

  /** Lets it live as long as something refers to it; the garbage collector then hands the block back. */
  keep(): void {
    if (this.#block === null || this.#kept) return;
    this.#kept = true;
    if (!this.#block.pool.collectable) collected.register(this, this.#block, this);
  }

  /** Called when the owner threw: releases the block unless `keep` was called. */
  abandon(): void {
    if (!this.#kept) this.release();
  }

  /** Leaves the pool: from here on these are ordinary numbers on the heap, which nobody has to hand back. */
  toHeap(): void {
    if (this.#block === null) return;
    if (!this.#block.pool.collectable) {
      this.#data = this.data.slice();
      if (this.#kept) collected.unregister(this);
      this.#block.pool.give(this.#block);
    }
    this.#block = null;
  }

  #failReleased(): never {
    fail(
      this.madeBy,
      'a result is read before it is freed',
      'a read after backward() consumed its graph, after its noGrad scope ended, or after zeroGrad()',
      'read it earlier, copy it with .detach(), return it from noGrad, or pass { retainGraph: true }',
    );
  }
}

/** A source of blocks, such as a pool; `collectable` if it gives ordinary memory of the heap. */
export type BlockSource = Pick<Pool, 'take'> & { readonly collectable?: boolean };

let source: BlockSource = heapPool;
/** Sets the source of blocks from now on, and returns the one before. */
export function allocateFrom(next: BlockSource): BlockSource {
  const before = source;
  source = next;
  firstOnHeap = null;
  return before;
}

/** The first persistent storage from the heap since blocks come from there: of the rest, it tells enough. */
let firstOnHeap: WeakRef<Storage> | null = null;

/** Whether parameters, state or caches that live are in memory that fast kernels do not reach. */
export function persistentOnHeap(): boolean {
  return firstOnHeap?.deref() !== undefined;
}

export function takeBlock(bytes: number): Block {
  return source.take(bytes);
}

const collected = new FinalizationRegistry<Block>((block) => block.pool.give(block));

let poison = false;
/** Fills released blocks with NaN from now on, for tests and for hunting stale reads. */
export function poisonReleased(on: boolean): void {
  poison = on;
}
