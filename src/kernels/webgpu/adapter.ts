/** The way to a device: an instance of the library, the adapter that it recommends, and all that this can do. */
import { fail } from '../../tensor/index.ts';
import type { Dawn, Handle, Text } from './dawn.ts';

/** What an adapter is, and can do at the most. */
export interface Adapter {
  readonly device: string;
  readonly driver: string;
  /** The system's interface: 'Vulkan', 'Metal', … */
  readonly api: string;
  /** Whether the processor plays the GPU. */
  readonly software: boolean;
  readonly limits: Limits;
}

export interface Limits {
  /** Bytes of a tensor that a kernel reaches. */
  readonly bindingBytes: number;
  /** Groups of threads along one axis. */
  readonly workgroups: number;
  /** Bytes that the threads of a group share. */
  readonly workgroupBytes: number;
}

/** A device that is open; the library writes into `state` what went wrong. */
export interface Opened {
  readonly instance: Handle;
  readonly device: Handle;
  readonly adapter: Adapter;
  readonly state: { error: DeviceError | null; lost: string | null };
}

export interface DeviceError {
  readonly isMemory: boolean;
  readonly message: string;
}

const apis = ['', 'null', 'WebGPU', 'D3D11', 'D3D12', 'Metal', 'Vulkan', 'OpenGL', 'OpenGL ES'];
const NULL_API = 1;
const [SUCCESS, OUT_OF_MEMORY, SOFTWARE, HIGH_PERFORMANCE, CORE] = [1, 3, 3, 2, 2];

/** Opens the adapter with the highest performance, or `null`, which computes nothing; or says why not. */
export function openDevice(dawn: Dawn, { nothing = false } = {}): Opened | string {
  const instance = dawn.createInstance(null);
  const wait = <T>(start: (got: (answer: T) => void) => void): T => {
    let answer: T | undefined;
    start((got) => {
      answer = got;
    });
    while (answer === undefined) dawn.processEvents(instance);
    return answer;
  };
  const [{ structs }, none] = [dawn, { featureCount: 0, features: null }];
  type Answer = { status: number; object: Handle; text: Text };
  const answered = (got: (answer: Answer) => void) =>
    dawn.calling(
      dawn.callback(
        (status: number, object: Handle, text: Text) => got({ status, object, text }),
        ...['int', 'void *', structs.text],
      ),
    );
  const options = {
    featureLevel: CORE,
    power: HIGH_PERFORMANCE,
    fallback: 0,
    backend: nothing ? NULL_API : 0,
  };
  const place = dawn.put(structs.adapterOptions, { ...options, surface: null });
  const found = wait<Answer>((got) => dawn.requestAdapter(instance, place, answered(got)));
  if (found.status !== SUCCESS) return `no adapter, ${dawn.words(found.text)}`;
  const adapter = describeAdapter(dawn, found.object);
  if (adapter.api === apis[NULL_API] && !nothing)
    return `no adapter; the system has no driver of a GPU (Debian: apt-get install mesa-vulkan-drivers, of which version 25 plays one on the processor, too)`;
  const state: Opened['state'] = { error: null, lost: null };
  const heard = ['void *', 'int', structs.text];
  const lost = dawn.callback(
    (_: Handle, _reason: number, text: Text) => {
      state.lost = dawn.words(text).split('\n', 1)[0]!; // more lines tell of the library's inside
    },
    ...heard,
  );
  const failed = dawn.callback(
    (_: Handle, kind: number, text: Text) => {
      state.error ??= { isMemory: kind === OUT_OF_MEMORY, message: dawn.words(text) };
    },
    ...heard,
  );
  const label = { data: null, length: 0 };
  const limits = dawn.put(structs.limits, dawn.taken<Record<string, unknown>>(structs.limits));
  const error = { next: null, callback: failed, user1: null, user2: null };
  const wanted = { label, ...none, limits, queue: { next: null, label }, lost: dawn.calling(lost), error };
  const given = wait<Answer>((got) =>
    dawn.requestDevice(found.object, dawn.put(structs.device, wanted), answered(got)),
  );
  if (given.status !== SUCCESS) return `${adapter.device} gives no device: ${dawn.words(given.text)}`;
  return { instance, device: given.object, adapter, state };
}

function describeAdapter(dawn: Dawn, adapter: Handle): Adapter {
  const { structs } = dawn;
  dawn.adapterInfo(adapter, dawn.clear(structs.adapterInfo));
  const info = dawn.taken<{ device: Text; description: Text; backend: number; kind: number }>(
    structs.adapterInfo,
  );
  dawn.adapterLimits(adapter, dawn.clear(structs.limits));
  const limits = dawn.taken<Record<keyof Limits, number | bigint>>(structs.limits);
  return {
    device: dawn.words(info.device),
    driver: dawn.words(info.description),
    api: apis[info.backend] ?? 'unknown',
    software: info.kind === SOFTWARE,
    limits: {
      bindingBytes: Number(limits.bindingBytes),
      workgroups: Number(limits.workgroups),
      workgroupBytes: Number(limits.workgroupBytes),
    },
  };
}

const lostHint =
  'go on from the last checkpoint (train --resume); if it is lost again, on the processor (--backend auto)';

/** Throws what went wrong since it was last asked for. */
export function checkWell(state: Opened['state']): void {
  const { error, lost } = state;
  if (lost !== null) fail('webgpu', 'the device is there', `one that is lost (${lost})`, lostHint);
  if (error === null) return;
  state.error = null;
  fail('webgpu', 'the device does what it is told', error.message);
}
