import { check, type DType, type Memory, type TypedArray } from '../../tensor/index.ts';
import type { Remote } from '../../tensor/remote.ts';
import { arrayTypes } from '../../tensor/room.ts';
import type { GpuBuffer } from './buffers.ts';
import type { Device } from './device.ts';
import { moved, noteToDevice, noteToHost } from './transfers.ts';

let inUse: Device | null = null;

/** Puts a device in use, or none: then handles of numbers that live on one are the host's arrays. */
export function useDevice(device: Device | null): void {
  inUse = device;
}

/** The device in use; there is one whenever the overlay is installed. */
export function currentDevice(): Device {
  return inUse!;
}

/** Some numbers of the device, as kernels take them. */
export interface OnDevice extends Memory {
  readonly owner: Numbers;
  readonly offset: number;
}

/** The numbers of a storage: on the device, on the host, or on both; before the first use, on neither. */
export class Numbers implements Remote, OnDevice {
  readonly dtype: DType;
  readonly length: number;
  readonly owner = this;
  readonly offset = 0;
  readonly #device: Device;
  #buffer: GpuBuffer | null = null;
  #host: TypedArray | null = null;
  /** Whether those on the device are valid. */
  #isThere = false;
  /** Whether they are 0 as long as they are on neither. */
  #isZero = false;

  constructor(device: Device, dtype: DType, length: number) {
    device.buffers.checkFits(4 * length);
    this.#device = device;
    this.dtype = dtype;
    this.length = length;
  }

  get byteLength(): number {
    return 4 * this.length;
  }

  handle(offset = 0, length = this.length): Memory {
    if (inUse !== this.#device) return this.data().subarray(offset, offset + length);
    const part: OnDevice = { owner: this, offset, length, byteLength: 4 * length };
    return offset === 0 && length === this.length ? this : part;
  }

  data(): TypedArray {
    const host = this.#toHost();
    this.#isThere = false;
    return host;
  }

  read(offset: number, length: number): TypedArray {
    if (this.#host === null && this.#isThere && length < this.length) {
      const part = new arrayTypes[this.dtype](length);
      this.#download(offset, part);
      return part;
    }
    return this.#toHost().subarray(offset, offset + length);
  }

  #toHost(): TypedArray {
    if (this.#host) return this.#host;
    this.#host = new arrayTypes[this.dtype](this.length);
    if (this.#isThere) this.#download(0, this.#host);
    return this.#host;
  }

  #download(offset: number, into: TypedArray): void {
    noteToHost(into.byteLength);
    this.#device.read(this.#buffer!, 4 * offset, into);
  }

  fill(value: number): void {
    this.#host = null;
    this.#isThere = false;
    this.#isZero = value === 0;
    if (value !== 0) this.data().fill(value);
  }

  /** The buffer with the numbers in it. */
  toRead(): GpuBuffer {
    this.#buffer ??= this.#device.buffers.take(this.byteLength);
    if (!this.#isThere && this.#host) {
      noteToDevice(this.byteLength);
      this.#device.write(this.#buffer, this.#host);
    } else if (!this.#isThere && this.#isZero) this.#device.clear(this.#buffer);
    this.#isThere = true;
    return this.#buffer;
  }

  /** The buffer for new numbers, `whole` if they replace all; those on the host are of no use any more. */
  toWrite(whole: boolean): GpuBuffer {
    if (!whole) this.toRead();
    this.#buffer ??= this.#device.buffers.take(this.byteLength);
    this.#isThere = true;
    this.#host = null;
    return this.#buffer;
  }

  release(): void {
    if (this.#buffer) this.#device.buffers.give(this.#buffer);
    this.#buffer = null;
    this.#host = null;
  }
}

/** Numbers that a kernel itself wants on the host: few, and no op's doing. */
export function fetched({ owner }: OnDevice): Float32Array {
  const numbers = new Float32Array(owner.length);
  currentDevice().read(owner.toRead(), 0, numbers);
  moved.toHost += numbers.byteLength;
  return numbers;
}

/** Runs `body` with numbers of the device whose memory goes back at the end. */
export function withTemporary(length: number, body: (numbers: OnDevice) => void): void {
  const numbers = new Numbers(currentDevice(), 'float32', length);
  try {
    body(numbers);
  } finally {
    numbers.release();
  }
}

export function isOnDevice(numbers: Memory): numbers is OnDevice {
  return 'owner' in numbers;
}

/** The type of the numbers in a handle or an array. */
export function dtypeOf(numbers: Memory): DType {
  if (isOnDevice(numbers)) return numbers.owner.dtype;
  if (numbers instanceof Float32Array) return 'float32';
  if (numbers instanceof Int32Array) return 'int32';
  const known = numbers instanceof Float64Array;
  check(known, 'kernels', 'numbers are float32, float64 or int32', () => numbers.constructor.name);
  return 'float64';
}

/** The host's array of a handle, to read and to write. */
export function onHost(numbers: Memory): TypedArray {
  if (!isOnDevice(numbers)) return numbers as TypedArray;
  const { owner, offset, length } = numbers;
  return owner.data().subarray(offset, offset + length);
}

/** The same to read only. */
export function readOnHost(numbers: Memory): TypedArray {
  if (!isOnDevice(numbers)) return numbers as TypedArray;
  return numbers.owner.read(numbers.offset, numbers.length);
}
