/** Where memory for tensors comes from: the pool of the kernels in use. */
import { type Block, heapPool, type Pool } from './pool.ts';
import type { Remote } from './remote.ts';
import { checkRoom, type DType } from './room.ts';
import { type Shape, sizeOf } from './shape.ts';
import type { Storage } from './storage.ts';

/**
 * A source of blocks, such as a pool; `collectable` if it gives ordinary memory of the heap. `beside` gives
 * memory beside the host instead, or null for numbers that stay there.
 */
export type BlockSource = Pick<Pool, 'take'> & {
  readonly collectable?: boolean;
  readonly beside?: (dtype: DType, length: number) => Remote | null;
};

let source: BlockSource = heapPool;
/** Sets the source of blocks from now on, and returns the one before. */
export function allocateFrom(next: BlockSource): BlockSource {
  const before = source;
  source = next;
  firstOnHeap = null;
  return before;
}

export function takeBlock(bytes: number): Block {
  return source.take(bytes);
}

/** Memory beside the host, where the source has it. */
export function besideHost(dtype: DType, shape: Shape, madeBy: string): Remote | null {
  if (source.beside === undefined) return null;
  checkRoom(madeBy, dtype, shape);
  return source.beside(dtype, sizeOf(shape));
}

/** Whether kernels work on the heap, where the user's arrays lie, too. */
export function takesHeap(): boolean {
  return source.collectable === true;
}

/** The first persistent storage from the heap since blocks come from there: of the rest, it tells enough. */
let firstOnHeap: WeakRef<Storage> | null = null;

export function persistsOnHeap(storage: Storage): void {
  firstOnHeap ??= new WeakRef(storage);
}

/** Whether parameters, state or caches that live are in memory that fast kernels do not reach. */
export function persistentOnHeap(): boolean {
  return firstOnHeap?.deref() !== undefined;
}
