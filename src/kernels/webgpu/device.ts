/**
 * The device: buffers, a queue to which dispatches go 64 at a time, and the numbers that come back from it.
 * Everything is synchronous: what has to be waited for is asked for until it is there.
 */
import { check, fail, type TypedArray } from '../../tensor/index.ts';
import { sizeClass } from '../../tensor/pool.ts';
import type { Opened } from './adapter.ts';
import type { Dawn, Handle } from './dawn.ts';
import { Pipelines, type Shader } from './pipelines.ts';

/** Memory of the device. */
export interface GpuBuffer {
  readonly id: number;
  readonly handle: Handle;
  readonly bytes: number;
}

const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };
/** Dispatches in one submit. */
const BATCH = 64;
/** Words of a dispatch's sizes: their places in the uniform buffer are 256 bytes apart. */
const SLOT = 64;
/** Bytes that are read back at once, at the most. */
const STAGE = 2 ** 26;
const READ = 1;

export class Device {
  readonly #dawn: Dawn;
  readonly #opened: Opened;
  readonly #queue: Handle;
  readonly #pipelines: Pipelines;
  readonly #free = new Map<number, GpuBuffer[]>();
  readonly #sizes = new Uint32Array(BATCH * SLOT);
  readonly #uniform: GpuBuffer;
  readonly #slot = new Uint32Array(1);
  readonly #commands = new BigUint64Array(1);
  readonly #mapped: bigint;
  #isMapped = 0;
  #stage: GpuBuffer | null = null;
  #encoder: Handle | null = null;
  #pass: Handle | null = null;
  #inPass = 0;
  #nextId = 0;
  /** Stands for an array that is not given. */
  readonly nothing: GpuBuffer;
  /** Bytes in all buffers, those in use and those that wait for their next use. */
  bytes = 0;

  constructor(dawn: Dawn, opened: Opened) {
    this.#dawn = dawn;
    this.#opened = opened;
    this.#queue = dawn.getQueue(opened.device);
    this.#uniform = this.#create(this.#sizes.byteLength, usage.uniform | usage.copyTarget);
    this.#pipelines = new Pipelines(dawn, opened.device, this.#uniform, 4 * SLOT);
    this.nothing = this.take(4);
    this.#mapped = dawn.callback(
      (status: number) => {
        this.#isMapped = status;
      },
      ...['int', dawn.structs.text],
    );
  }

  get adapter(): Opened['adapter'] {
    return this.#opened.adapter;
  }

  /** A buffer of at least that many bytes; its contents are arbitrary. */
  take(bytes: number): GpuBuffer {
    const size = Math.min(sizeClass(bytes), this.adapter.limits.bindingBytes);
    const free = this.#free.get(size)?.pop();
    if (free) return free;
    const kind = usage.storage | usage.copySource | usage.copyTarget;
    return this.#create(size, kind);
  }

  /** Checks that a tensor is not too large for the kernels of this adapter. */
  checkFits(bytes: number): void {
    const { bindingBytes } = this.adapter.limits;
    check(
      bytes <= bindingBytes,
      'webgpu',
      `a tensor takes at most ${inMB(bindingBytes)} on this adapter`,
      () => inMB(bytes),
      () => 'reduce batch size, context or vocabulary, or cut the head along its rows (linearCrossEntropy)',
    );
  }

  /** Takes a buffer back; commands that still use it come before whatever it is used for next. */
  give(buffer: GpuBuffer): void {
    const list = this.#free.get(buffer.bytes);
    if (list) list.push(buffer);
    else this.#free.set(buffer.bytes, [buffer]);
  }

  #create(bytes: number, kind: number): GpuBuffer {
    const { device, state } = this.#opened;
    const make = () => {
      const wanted = { label: { data: null, length: 0 }, usage: kind, size: bytes, mapped: 0 };
      return this.#dawn.createBuffer(device, this.#dawn.put(this.#dawn.structs.buffer, wanted));
    };
    let handle = make();
    if (state.error?.isMemory) {
      state.error = null;
      this.#dawn.releaseBuffer(handle);
      this.#forgetFree();
      handle = make();
      const { error } = state as Opened['state'];
      if (error?.isMemory) {
        state.error = null;
        const hint = 'reduce batch size, context or width, or wrap evaluation in noGrad';
        fail('webgpu', 'the adapter has the memory', `${inMB(bytes)} more than ${inMB(this.bytes)}`, hint);
      }
    }
    this.#checkWell();
    this.bytes += bytes;
    return { id: this.#nextId++, handle, bytes };
  }

  /** Hands back to the system what waits for its next use. */
  #forgetFree(): void {
    this.flush();
    this.#pipelines.forgetGroups();
    for (const { handle, bytes } of [...this.#free.values()].flat()) {
      this.#dawn.releaseBuffer(handle);
      this.bytes -= bytes;
    }
    this.#free.clear();
  }

  write(buffer: GpuBuffer, data: TypedArray): void {
    if (data.length === 0) return;
    this.flush(); // what is recorded so far may need what was there
    this.#dawn.writeBuffer(this.#queue, buffer.handle, 0, data, data.byteLength);
  }

  copy(from: GpuBuffer, start: number, to: GpuBuffer, bytes: number): void {
    if (bytes > 0) this.#dawn.copyBuffer(this.#between(), from.handle, start, to.handle, 0, bytes);
  }

  clear(buffer: GpuBuffer): void {
    this.#dawn.clearBuffer(this.#between(), buffer.handle, 0, buffer.bytes);
  }

  /** Fills `into` with what is in the buffer, `start` bytes from its beginning, when all before is done. */
  read(buffer: GpuBuffer, start: number, into: TypedArray): void {
    for (let from = 0; from < into.byteLength; from += STAGE) {
      const bytes = Math.min(STAGE, into.byteLength - from);
      if (this.#stage === null || this.#stage.bytes < bytes) this.#stage = this.#newStage(bytes);
      const stage = this.#stage.handle;
      this.#dawn.copyBuffer(this.#between(), buffer.handle, start + from, stage, 0, bytes);
      this.flush();
      this.#isMapped = 0;
      this.#dawn.mapBuffer(stage, READ, 0, bytes, this.#dawn.calling(this.#mapped));
      this.#wait();
      const part = new Uint8Array(into.buffer, into.byteOffset + from, bytes);
      this.#dawn.readMapped(stage, 0, part, bytes);
      this.#dawn.unmap(stage);
    }
  }

  #newStage(bytes: number): GpuBuffer {
    if (this.#stage) this.#dawn.releaseBuffer(this.#stage.handle);
    return this.#create(sizeClass(Math.max(bytes, 4096)), usage.mapRead | usage.copyTarget);
  }

  /** Asks for what happened, first without a rest, until the stage can be read. */
  #wait(): void {
    for (let tries = 0; this.#isMapped === 0; tries++) {
      this.#dawn.processEvents(this.#opened.instance);
      this.#checkWell();
      if (tries > 1000) Atomics.wait(pause, 0, 0, 0.1);
    }
  }

  /** Runs a shader on buffers, outputs first; `sizes` are the numbers in its uniform. */
  run(shader: Shader, buffers: readonly GpuBuffer[], sizes: Uint32Array, groups: readonly number[]): void {
    this.#encoder ??= this.#dawn.createEncoder(this.#opened.device, null);
    this.#pass ??= this.#dawn.beginPass(this.#encoder, null);
    this.#sizes.set(sizes, this.#inPass * SLOT);
    this.#slot[0] = 4 * SLOT * this.#inPass;
    this.#inPass++;
    const { pipeline, group } = this.#pipelines.of(shader, buffers);
    this.#dawn.setPipeline(this.#pass, pipeline);
    this.#dawn.setGroup(this.#pass, 0, this.#pipelines.sizes, 1, this.#slot);
    this.#dawn.setGroup(this.#pass, 1, group, 0, null);
    this.#dawn.dispatch(this.#pass, ...groups);
    if (this.#inPass === BATCH) this.flush();
  }

  /** The encoder, outside of a pass. */
  #between(): Handle {
    this.#endPass();
    this.#encoder ??= this.#dawn.createEncoder(this.#opened.device, null);
    return this.#encoder;
  }

  #endPass(): void {
    if (this.#pass === null) return;
    this.#dawn.endPass(this.#pass);
    this.#dawn.releasePass(this.#pass);
    this.#pass = null;
  }

  /** Sends what is recorded. */
  flush(): void {
    if (this.#encoder === null) return;
    this.#endPass();
    const bytes = 4 * SLOT * this.#inPass;
    if (bytes > 0) this.#dawn.writeBuffer(this.#queue, this.#uniform.handle, 0, this.#sizes, bytes);
    this.#inPass = 0;
    const commands = this.#dawn.finish(this.#encoder, null);
    this.#dawn.releaseEncoder(this.#encoder);
    this.#encoder = null;
    this.#commands[0] = commands;
    this.#dawn.submit(this.#queue, 1, this.#commands);
    this.#dawn.releaseCommands(commands);
    this.#checkWell();
  }

  #checkWell(): void {
    const { error, lost } = this.#opened.state;
    const hint = 'continue from the last checkpoint, in a new process';
    if (lost !== null) fail('webgpu', 'the device is there', `lost: ${lost}`, hint);
    if (error === null) return;
    this.#opened.state.error = null;
    fail('webgpu', 'the device does what it is told', error.message);
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function inMB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
