/// <reference path="./webassembly.d.ts" />
/**
 * The memory that all fast kernels work in: one shared WebAssembly memory. Blocks come from its end and are recycled by
 * the pool; growing it leaves every array over it valid, because it is shared.
 */
import { type Block, check, type Piece, Pool } from '../../tensor/index.ts';

const PAGE = 65536;
const MAX_PAGES = 65536;

export const memory = new WebAssembly.Memory({ initial: 256, maximum: MAX_PAGES, shared: true });

/** Every growth makes a new buffer object over the same bytes. */
const buffers = new WeakSet<ArrayBufferLike>([memory.buffer]);
/** First byte never handed out. The first page is left alone: address 0 means "no array". */
let top = PAGE;

export const kernelPool = new Pool((capacity): Piece => {
  const byteOffset = top;
  const end = top + Math.ceil(capacity / 64) * 64;
  const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
  if (missing > 0) grow(missing, end);
  top = end;
  return { buffer: memory.buffer, byteOffset };
});

/** Bytes in all blocks, those in use and those that wait for their next use. */
export function kernelMemoryInBlocks(): number {
  return top - PAGE;
}

/** Grows by a quarter if possible, so that growing is rare. */
function grow(missing: number, end: number): void {
  const pages = memory.buffer.byteLength / PAGE;
  const wanted = Math.min(MAX_PAGES - pages, Math.max(missing, pages >> 2));
  check(
    wanted >= missing && (grewBy(wanted) || grewBy(missing)),
    'kernel memory',
    'everything that is alive fits in 4 GiB, and in what the system gives',
    () => `${Math.round((end / 2 ** 30) * 10) / 10} GiB asked for`,
    () => 'reduce batch size, context or width, or wrap evaluation in noGrad',
  );
}

function grewBy(pages: number): boolean {
  try {
    memory.grow(pages);
  } catch {
    return false; // the system has no more
  }
  buffers.add(memory.buffer);
  return true;
}

export function inKernelMemory(array: ArrayBufferView): boolean {
  return buffers.has(array.buffer);
}

const scratchBlocks = new WeakMap<Float32Array, Block>();

/** Memory for the time of one kernel call; give it back. */
export function takeScratch(floats: number): Float32Array {
  const block = kernelPool.take(4 * floats);
  const array = new Float32Array(block.buffer, block.byteOffset, floats);
  scratchBlocks.set(array, block);
  return array;
}

export function giveScratch(array: Float32Array): void {
  kernelPool.give(scratchBlocks.get(array)!);
}
