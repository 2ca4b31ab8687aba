/// <reference path="./webassembly.d.ts" />
/**
 * The memory that all fast kernels work in: one WebAssembly memory. Blocks come from its end and are recycled
 * by the pool. Where memory can be shared, growing it leaves every array over it valid; where it cannot, the
 * arrays would be lost, so there it has its full size from the start, and never grows.
 */
import { platform } from '../../platform/index.ts';
import { check, fail } from '../../tensor/index.ts';
import { type Piece, Pool } from '../../tensor/pool.ts';

const PAGE = 65536;
const INITIAL_PAGES = 256;
/** 4 GiB, all that 32-bit addresses reach; less where the address space is limited. */
const LIMITS = [65536, 32768, 16384, 8192, 4096];
/** 1 GiB at once, or less: the system finds the bytes for a page of it when it is first written. */
const FIXED_LIMITS = [16384, 8192, 4096, 2048];

let memory: WebAssembly.Memory | null = null;
let maximumPages = 0;
/** Every growth makes a new buffer object over the same bytes. */
const buffers = new WeakSet<ArrayBufferLike>();
/** First byte never handed out. The first page is left alone: address 0 means "no array". */
let top = PAGE;

/** The memory, which is made when it is first asked for. */
export function kernelMemory(): WebAssembly.Memory {
  const lack = memory === null ? startMemory() : null;
  return memory ?? fail('kernel memory', 'the system gives a memory', lack ?? 'none');
}

/**
 * Makes the memory, as large as possible (but half of the address space is for everything else), or says why
 * not.
 */
export function startMemory(): string | null {
  if (memory !== null) return null;
  const left = platform.addressSpaceLeft();
  const shared = platform.sharesMemory;
  let reason = 'no room';
  for (const pages of (shared ? LIMITS : FIXED_LIMITS).filter((pages) => pages * PAGE <= left / 2)) {
    try {
      const initial = shared ? INITIAL_PAGES : pages;
      memory = new WebAssembly.Memory({ initial, maximum: pages, shared });
      maximumPages = pages;
      buffers.add(memory.buffer);
      return null;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  return Number.isFinite(left)
    ? 'too little address space for its memory (raise ulimit -v, or try node --disable-wasm-trap-handler)'
    : `no memory, ${reason}`;
}

export const kernelPool = new Pool((capacity): Piece => {
  const byteOffset = top;
  const end = top + Math.ceil(capacity / 64) * 64;
  const missing = Math.ceil((end - kernelMemory().buffer.byteLength) / PAGE);
  if (missing > 0) grow(kernelMemory(), missing, end);
  top = end;
  return { buffer: kernelMemory().buffer, byteOffset };
});

/** Bytes in all blocks, those in use and those that wait for their next use. */
export function kernelMemoryInBlocks(): number {
  return top - PAGE;
}

const HINT = 'reduce batch size, context or width, or wrap evaluation in noGrad';
const MORE = '; a cross-origin isolated page has up to 4 GiB';

/** Grows by a quarter if possible, so that growing is rare. */
function grow(memory: WebAssembly.Memory, missing: number, end: number): void {
  const pages = memory.buffer.byteLength / PAGE;
  const wanted = Math.min(maximumPages - pages, Math.max(missing, pages >> 2));
  check(
    wanted >= missing && (grewBy(memory, wanted) || grewBy(memory, missing)),
    'kernel memory',
    `everything that is alive fits in ${inGiB(maximumPages * PAGE)}, and in what the system gives`,
    () => `${inGiB(end)} asked for`,
    () => HINT + (platform.sharesMemory ? '' : MORE),
  );
}

function grewBy(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
  } catch {
    return false; // the system has no more
  }
  buffers.add(memory.buffer);
  return true;
}

function inGiB(bytes: number): string {
  return `${Math.round((bytes / 2 ** 30) * 100) / 100} GiB`;
}

/** The last buffer that was found to be the memory's: most are the same. */
let known: ArrayBufferLike | null = null;

export function inKernelMemory({ buffer }: ArrayBufferView): boolean {
  if (buffer === known) return true;
  if (!buffers.has(buffer)) return false;
  known = buffer;
  return true;
}

/**
 * Memory for the time of one kernel call. It goes back even if that fails: the caller may try again with
 * less.
 */
export function withScratch<Result>(floats: number, body: (scratch: Float32Array) => Result): Result {
  const block = kernelPool.take(4 * floats);
  try {
    return body(new Float32Array(block.buffer, block.byteOffset, floats));
  } finally {
    kernelPool.give(block);
  }
}
