/**
 * The device: buffers, a queue to which dispatches go 64 at a time, and the numbers that come back from it.
 * Everything is synchronous: what has to be waited for is asked for until it is there.
 */
import { fail, type TypedArray } from '../../tensor/index.ts';
import { sizeClass } from '../../tensor/pool.ts';
import { checkWell, type Opened } from './adapter.ts';
import { Buffers, type GpuBuffer, usage } from './buffers.ts';
import type { Dawn, Handle } from './dawn.ts';
import { Pipelines, type Shader } from './pipelines.ts';

/** Dispatches in one submit. */
const BATCH = 64;
/** Words of a dispatch's sizes: their places in the uniform buffer are 256 bytes apart. */
const SLOT = 64;
/** Bytes that are read back at once, at the most. */
const STAGE = 2 ** 26;
const READ = 1;
const SUCCESS = 1;

export class Device {
  readonly #dawn: Dawn;
  readonly opened: Opened;
  readonly #queue: Handle;
  readonly #pipelines: Pipelines;
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
  readonly buffers: Buffers;
  /** Stands for an array that is not given. */
  readonly nothing: GpuBuffer;

  constructor(dawn: Dawn, opened: Opened) {
    this.#dawn = dawn;
    this.opened = opened;
    this.#queue = dawn.getQueue(opened.device);
    this.buffers = new Buffers(dawn, opened, () => {
      this.flush();
      this.#pipelines.forgetGroups();
    });
    this.#uniform = this.buffers.create(this.#sizes.byteLength, usage.uniform | usage.copyTarget);
    this.#pipelines = new Pipelines(dawn, opened.device, this.#uniform, 4 * SLOT);
    this.nothing = this.buffers.take(4);
    this.#mapped = dawn.callback(
      (status: number) => {
        this.#isMapped = status;
      },
      ...['int', dawn.structs.text],
    );
  }

  get adapter(): Opened['adapter'] {
    return this.opened.adapter;
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
      const isRead = this.#isMapped === SUCCESS && this.#dawn.readMapped(stage, 0, part, bytes) === SUCCESS;
      if (!isRead) fail('webgpu', 'numbers can be read back', `status ${this.#isMapped}`);
      this.#dawn.unmap(stage);
    }
  }

  #newStage(bytes: number): GpuBuffer {
    if (this.#stage) this.#dawn.releaseBuffer(this.#stage.handle);
    return this.buffers.create(sizeClass(Math.max(bytes, 4096)), usage.mapRead | usage.copyTarget);
  }

  /** Asks for what happened, first without a rest, until the stage can be read. */
  #wait(): void {
    for (let tries = 0; this.#isMapped === 0; tries++) {
      this.#dawn.processEvents(this.opened.instance);
      checkWell(this.opened.state);
      if (tries > 1000) rest();
    }
  }

  /** Runs a shader on buffers, outputs first; `sizes` are the numbers in its uniform. */
  run(shader: Shader, buffers: readonly GpuBuffer[], sizes: Uint32Array, groups: readonly number[]): void {
    this.#encoder ??= this.#dawn.createEncoder(this.opened.device, null);
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
    this.#encoder ??= this.#dawn.createEncoder(this.opened.device, null);
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
    checkWell(this.opened.state);
  }
}

let pause: Int32Array | null = null;

/** Sleeps for a tenth of a millisecond: whoever waits so long does not wait for that. */
function rest(): void {
  pause ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(pause, 0, 0, 0.1);
}
