/**
 * Memory and who owns it.
 *
 * A `Storage` is one block of numbers, shared by a tensor and its views. They lie on the host, or beside it, on
 * a GPU: then `data` brings them over, and `memory` is what kernels take where they are. Blocks come from a pool and go back
 * to it when their owner ends: the op that made a temporary, the graph that backward consumed, the `noGrad`
 * scope. What nobody owns goes to the heap (plain results) or back when it is garbage collected (parameters,
 * gradients, optimizer state). Releasing makes every later touch an error, so a recycled block is never read
 * by accident.
 */
import { fail } from './errors.ts';
import { type Block, heapPool } from './pool.ts';
import type { Remote } from './remote.ts';
import { allocating, arrayTypes, type DType, dtypeOf, type Memory, type TypedArray } from './room.ts';
import { collectInto, own } from './scope.ts';
import { type Shape, sizeOf } from './shape.ts';
import { besideHost, persistsOnHeap, takeBlock, takesHeap } from './source.ts';

/** The memory of a tensor and of its views, and when it is handed back. */
export class Storage {
  /** Grows with every change in place; backward compares it with what it saw when it saved the tensor. */
  version = 0;
  readonly dtype: DType;
  /** The op that made it, for error messages. */
  readonly madeBy: string;
  #data: TypedArray | null;
  #block: Block | null = null;
  #remote: Remote | null = null;
  #kept = false;

  constructor(data: TypedArray, madeBy: string);
  /** With numbers beside the host. */
  constructor(data: null, madeBy: string, remote: Remote);
  constructor(data: TypedArray | null, madeBy: string, remote: Remote | null = null) {
    this.#data = data;
    this.#remote = remote;
    this.dtype = remote === null ? dtypeOf(data!) : remote.dtype;
    this.madeBy = madeBy;
  }

  /**
   * A recycled block: its contents are arbitrary. It belongs to the current scope; without one, to whoever
   * holds it.
   */
  static allocate(dtype: DType, shape: Shape, madeBy: string): Storage {
    const remote = besideHost(dtype, shape, madeBy);
    const storage =
      remote === null ? Storage.#onHost(dtype, shape, madeBy) : new Storage(null, madeBy, remote);
    own(storage);
    return storage;
  }

  static #onHost(dtype: DType, shape: Shape, madeBy: string): Storage {
    const ArrayType = arrayTypes[dtype];
    const length = sizeOf(shape);
    const block = allocating(madeBy, dtype, shape, takeBlock);
    const storage = new Storage(new ArrayType(block.buffer as ArrayBuffer, block.byteOffset, length), madeBy);
    storage.#block = block;
    return storage;
  }

  /**
   * Zeros that live as long as something refers to them, whatever scope is running: parameters, state,
   * caches.
   */
  static persistent(dtype: DType, shape: Shape, madeBy: string): Storage {
    const storage = collectInto(null, () => Storage.allocate(dtype, shape, madeBy));
    storage.fill(0);
    if (storage.#block?.pool === heapPool) persistsOnHeap(storage);
    return storage;
  }

  /** The host's view of the numbers, to read and to write; asked for anew after kernels have worked on them. */
  get data(): TypedArray {
    return this.#data ?? this.#beside.data();
  }

  /** The same to read only, which leaves numbers valid where they are. */
  get values(): TypedArray {
    return this.#data ?? this.#beside.read(0, this.length);
  }

  /** The handle that kernels take: on the CPU the typed array itself. */
  get memory(): Memory {
    return this.#data ?? this.#beside.handle();
  }

  /** A handle of some of the numbers. */
  part(offset: number, length: number): Memory {
    return this.#data?.subarray(offset, offset + length) ?? this.#beside.handle(offset, length);
  }

  /** Some of the numbers, copied. */
  copy(offset: number, length: number): TypedArray {
    return (this.#data?.subarray(offset, offset + length) ?? this.#beside.read(offset, length)).slice();
  }

  fill(value: number): void {
    if (this.#data) this.#data.fill(value);
    else this.#beside.fill(value);
  }

  get length(): number {
    return (this.#data ?? this.#beside).length;
  }

  get bytes(): number {
    return (this.#data ?? this.#beside).byteLength;
  }

  /** Tells whether the numbers live beside the host. */
  get isBeside(): boolean {
    return this.#remote !== null;
  }

  get #beside(): Remote {
    return this.#remote ?? this.#failReleased();
  }

  /** Tells whether kernels work on the numbers where they are; the user's own arrays may lie elsewhere. */
  get isNear(): boolean {
    return this.#block !== null || this.#remote !== null || takesHeap();
  }

  /** Tells whether the block came from the pool, so that an owner may hand it back one day. */
  get recycled(): boolean {
    return this.#block !== null || this.#remote !== null;
  }

  /**
   * Hands the block back to the pool: every tensor on this storage is unusable from here on. The caller's own
   * arrays stay.
   */
  release(): void {
    if (this.#remote !== null) this.#releaseRemote(this.#remote);
    if (this.#block === null) return;
    if (poison) this.#data?.fill(Number.NaN);
    if (this.#kept) collected.unregister(this);
    this.#block.pool.give(this.#block);
    this.#block = null;
    this.#data = null;
  }

  #releaseRemote(remote: Remote): void {
    if (this.#kept) collected.unregister(this);
    remote.release();
    this.#remote = null;
  }

  /** Lets it live as long as something refers to it; the garbage collector then hands the block back. */
  keep(): void {
    if (!this.recycled || this.#kept) return;
    this.#kept = true;
    if (!this.#block?.pool.collectable) collected.register(this, this.#block ?? this.#remote!, this);
  }

  /** Called when the owner threw: releases the block unless `keep` was called. */
  abandon(): void {
    if (!this.#kept) this.release();
  }

  /** Leaves the pool: from here on these are ordinary numbers on the heap, which nobody has to hand back. */
  toHeap(): void {
    if (this.#remote !== null) {
      this.#data = this.copy(0, this.length);
      this.#releaseRemote(this.#remote);
    }
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

const collected = new FinalizationRegistry<Block | Remote>((memory) => {
  if ('pool' in memory) memory.pool.give(memory);
  else memory.release();
});

let poison = false;
/** Fills released blocks with NaN from now on, for tests and for hunting stale reads. */
export function poisonReleased(on: boolean): void {
  poison = on;
}
