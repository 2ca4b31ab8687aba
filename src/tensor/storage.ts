/**
 * Memory and who owns it.
 *
 * A `Storage` is one block of numbers, shared by a tensor and its views. Blocks come from a pool and go back to it when
 * their owner ends: the op that made a temporary, the graph that backward consumed, the `noGrad` scope. A storage
 * without an owner (plain data, parameters) is left to the garbage collector. Releasing makes every later touch an
 * error, so a recycled block is never read by accident.
 */
import { fail } from './errors.ts';

export type DType = 'float32' | 'float64' | 'int32';
export type FloatArray = Float32Array | Float64Array;
export type TypedArray = FloatArray | Int32Array;

const arrayTypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

export class Storage {
  /** Grows with every change in place; backward compares it with what it saw when it saved the tensor. */
  version = 0;
  /** The op that made it, for error messages. */
  readonly madeBy: string;
  #data: TypedArray | null;
  #block: ArrayBuffer | null = null;

  constructor(data: TypedArray, madeBy: string) {
    this.#data = data;
    this.madeBy = madeBy;
  }

  /** A recycled block: its contents are arbitrary. It belongs to the current scope, if there is one. */
  static allocate(dtype: DType, length: number, madeBy: string): Storage {
    const ArrayType = arrayTypes[dtype];
    const block = takeBlock(length * ArrayType.BYTES_PER_ELEMENT);
    const storage = new Storage(new ArrayType(block, 0, length), madeBy);
    storage.#block = block;
    scope?.push(storage);
    return storage;
  }

  get data(): TypedArray {
    return this.#data ?? this.#failReleased();
  }

  get bytes(): number {
    return this.data.byteLength;
  }

  /** Whether the block came from the pool, so that an owner may hand it back one day. */
  get recycled(): boolean {
    return this.#block !== null;
  }

  get released(): boolean {
    return this.#data === null;
  }

  /** Hands the block back to the pool: every tensor on this storage is unusable from here on. The caller's own arrays stay. */
  release(): void {
    if (this.#block === null) return;
    if (poison) this.#data?.fill(Number.NaN);
    giveBlock(this.#block);
    this.#block = null;
    this.#data = null;
  }

  #failReleased(): never {
    fail(
      this.madeBy,
      'a tensor is used while its memory is its own',
      'a result whose memory was handed back when its graph (backward), its noGrad scope or its gradient (zeroGrad) ended',
      'read it earlier, keep a copy with .detach(), return it from noGrad, or pass { retainGraph: true }',
    );
  }
}

/** The storages allocated in the innermost running scope; its owner decides at the end which of them live on. */
let scope: Storage[] | null = null;

/** Runs `body` with every allocation collected into `owned`. */
export function collectInto<T>(owned: Storage[] | null, body: () => T): T {
  const outer = scope;
  scope = owned;
  try {
    return body();
  } finally {
    scope = outer;
  }
}

/** Hands survivors of an inner scope to the enclosing one; without one they are the garbage collector's. */
export function adoptIntoScope(storage: Storage): void {
  scope?.push(storage);
}

let poison = false;
/** For tests and for hunting stale reads: fill released blocks with NaN. */
export function poisonReleased(on: boolean): void {
  poison = on;
}

/** Free blocks by capacity in bytes. */
const freeBlocks = new Map<number, ArrayBuffer[]>();

function takeBlock(bytes: number): ArrayBuffer {
  const capacity = roundUp(bytes);
  return freeBlocks.get(capacity)?.pop() ?? new ArrayBuffer(capacity);
}

function giveBlock(block: ArrayBuffer): void {
  const list = freeBlocks.get(block.byteLength);
  if (list) list.push(block);
  else freeBlocks.set(block.byteLength, [block]);
}

/** Four size classes to each power of two: at most a quarter is wasted, and sizes that differ little share blocks. */
function roundUp(bytes: number): number {
  if (bytes <= 64) return 64;
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}
