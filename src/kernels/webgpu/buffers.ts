/** The memory of the device: buffers, recycled by size, and what to say when there is no more. */
import { check, fail } from '../../tensor/index.ts';
import { sizeClass } from '../../tensor/pool.ts';
import { checkWell, type Opened } from './adapter.ts';
import type { Dawn, Handle } from './dawn.ts';

/** Memory of the device. */
export interface GpuBuffer {
  readonly id: number;
  readonly handle: Handle;
  readonly bytes: number;
}

export const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };

export class Buffers {
  readonly #dawn: Dawn;
  readonly #opened: Opened;
  readonly #free = new Map<number, GpuBuffer[]>();
  readonly #letGo: () => void;
  #nextId = 0;
  /** Bytes in all buffers, those in use and those that wait for their next use. */
  bytes = 0;

  /** @param letGo called before free buffers go back to the system: whatever refers to them must let go */
  constructor(dawn: Dawn, opened: Opened, letGo: () => void) {
    this.#dawn = dawn;
    this.#opened = opened;
    this.#letGo = letGo;
  }

  /** A buffer of at least that many bytes; its contents are arbitrary. */
  take(bytes: number): GpuBuffer {
    const size = Math.min(sizeClass(bytes), this.#opened.adapter.limits.bindingBytes);
    const free = this.#free.get(size)?.pop();
    return free ?? this.create(size, usage.storage | usage.copySource | usage.copyTarget);
  }

  /** Takes a buffer back; commands that still use it come before whatever it is used for next. */
  give(buffer: GpuBuffer): void {
    const list = this.#free.get(buffer.bytes);
    if (list) list.push(buffer);
    else this.#free.set(buffer.bytes, [buffer]);
  }

  /** Checks that a tensor is not too large for the kernels of this adapter. */
  checkFits(bytes: number): void {
    const { bindingBytes } = this.#opened.adapter.limits;
    check(
      bytes <= bindingBytes,
      'webgpu',
      `a tensor takes at most ${inMB(bindingBytes)} on this adapter`,
      () => inMB(bytes),
      () => 'reduce batch size, context or vocabulary, or cut the head along its rows (linearCrossEntropy)',
    );
  }

  /** A new buffer. Where the device has no room, those that wait for their next use make some. */
  create(bytes: number, kind: number): GpuBuffer {
    const handle = this.#tried(bytes, kind) ?? this.#withoutFree(() => this.#tried(bytes, kind));
    if (handle === null) {
      const hint = 'reduce batch size, context or width, or wrap evaluation in noGrad';
      return fail(
        'webgpu',
        'the adapter has the memory',
        `${inMB(bytes)} more than ${inMB(this.bytes)}`,
        hint,
      );
    }
    this.bytes += bytes;
    return { id: this.#nextId++, handle, bytes };
  }

  #tried(bytes: number, kind: number): Handle | null {
    const { device, state } = this.#opened;
    const wanted = { label: { data: null, length: 0 }, usage: kind, size: bytes, mapped: 0 };
    const handle = this.#dawn.createBuffer(device, this.#dawn.put(this.#dawn.structs.buffer, wanted));
    if (state.error?.isMemory !== true) {
      checkWell(state);
      return handle;
    }
    state.error = null;
    this.#dawn.releaseBuffer(handle);
    return null;
  }

  #withoutFree<T>(body: () => T): T {
    this.#letGo();
    for (const { handle, bytes } of [...this.#free.values()].flat()) {
      this.#dawn.releaseBuffer(handle);
      this.bytes -= bytes;
    }
    this.#free.clear();
    return body();
  }
}

function inMB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
