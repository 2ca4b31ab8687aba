/** The C interface of Dawn: the functions that computing takes, called by koffi. */
import type { Library, Native } from './find.ts';
import { structsOf } from './structs.ts';

/** A pointer to an object of the library, which is only handed back. */
export type Handle = bigint;

export type Dawn = ReturnType<typeof bindDawn>;

/** Functions that return an object. */
const makers = {
  createInstance: 'CreateInstance(void *)',
  getQueue: 'DeviceGetQueue(void *)',
  createBuffer: 'DeviceCreateBuffer(void *, void *)',
  createShader: 'DeviceCreateShaderModule(void *, void *)',
  createGroupLayout: 'DeviceCreateBindGroupLayout(void *, void *)',
  createPipelineLayout: 'DeviceCreatePipelineLayout(void *, void *)',
  createPipeline: 'DeviceCreateComputePipeline(void *, void *)',
  createGroup: 'DeviceCreateBindGroup(void *, void *)',
  createEncoder: 'DeviceCreateCommandEncoder(void *, void *)',
  beginPass: 'CommandEncoderBeginComputePass(void *, void *)',
  finish: 'CommandEncoderFinish(void *, void *)',
};

const doers = {
  processEvents: 'InstanceProcessEvents(void *)',
  adapterInfo: 'AdapterGetInfo(void *, void *)',
  adapterLimits: 'AdapterGetLimits(void *, void *)',
  releaseBuffer: 'BufferRelease(void *)',
  releaseGroup: 'BindGroupRelease(void *)',
  setPipeline: 'ComputePassEncoderSetPipeline(void *, void *)',
  setGroup: 'ComputePassEncoderSetBindGroup(void *, uint32_t, void *, size_t, void *)',
  dispatch: 'ComputePassEncoderDispatchWorkgroups(void *, uint32_t, uint32_t, uint32_t)',
  endPass: 'ComputePassEncoderEnd(void *)',
  releasePass: 'ComputePassEncoderRelease(void *)',
  copyBuffer: 'CommandEncoderCopyBufferToBuffer(void *, void *, uint64_t, void *, uint64_t, uint64_t)',
  clearBuffer: 'CommandEncoderClearBuffer(void *, void *, uint64_t, uint64_t)',
  releaseEncoder: 'CommandEncoderRelease(void *)',
  submit: 'QueueSubmit(void *, size_t, void *)',
  releaseCommands: 'CommandBufferRelease(void *)',
  writeBuffer: 'QueueWriteBuffer(void *, void *, uint64_t, void *, size_t)',
  unmap: 'BufferUnmap(void *)',
};

/** Functions that return a status. */
const tellers = { readMapped: 'BufferReadMappedRange(void *, size_t, void *, size_t)' };

/** Functions that call back; a callback comes last. */
const askers = {
  requestAdapter: ['InstanceRequestAdapter', 'void *', 'void *'],
  requestDevice: ['AdapterRequestDevice', 'void *', 'void *'],
  mapBuffer: ['BufferMapAsync', 'void *', 'uint64_t', 'size_t', 'size_t'],
} as const;

/** Callbacks run when the library is asked for events. */
const WHEN_ASKED = 2;
/** Structs of one kind that are handed over at once, at the most. */
const MOST = 16;

/** A text as a callback gets it. */
export interface Text {
  readonly data: bigint | null;
  readonly length: number | bigint;
}

export function bindDawn({ koffi, library }: Native) {
  const structs = structsOf(koffi);
  const future = koffi.struct({ id: 'uint64_t' });
  const places = new Map<object, bigint>();
  const placeOf = (struct: object): bigint => {
    const place = places.get(struct) ?? koffi.alloc(struct, MOST);
    places.set(struct, place);
    return place;
  };
  const asking = ([name, ...parameters]: readonly string[]) =>
    library.func(`wgpu${name}`, future, [...parameters, structs.callback]);
  return {
    ...bind<Handle, keyof typeof makers>(library, 'void *', makers),
    ...bind<void, keyof typeof doers>(library, 'void ', doers),
    ...bind<number, keyof typeof tellers>(library, 'int ', tellers),
    requestAdapter: asking(askers.requestAdapter),
    requestDevice: asking(askers.requestDevice),
    mapBuffer: asking(askers.mapBuffer),
    structs,

    /** Writes structs where the library reads them, before the next of that kind. */
    put(struct: object, ...values: readonly Readonly<Record<string, unknown>>[]): bigint {
      const place = placeOf(struct);
      const size = koffi.sizeof(struct);
      for (const [i, value] of values.entries())
        koffi.encode(place, i * size, struct, { next: null, ...value });
      return place;
    },
    /** A struct of zeros, for the library to write into. */
    clear(struct: object): bigint {
      const place = placeOf(struct);
      new Uint8Array(koffi.view(place, koffi.sizeof(struct))).fill(0);
      return place;
    },
    /** What the library wrote there. */
    taken<T>(struct: object): T {
      return koffi.decode(places.get(struct)!, struct);
    },
    /** A text for the library; `bytes` must outlive the call. */
    text: (bytes: Uint8Array) => ({ data: koffi.address(bytes), length: bytes.length }),
    addressOf: (array: ArrayBufferView) => koffi.address(array),
    /** A text of the library. */
    words: ({ data, length }: Text) =>
      data ? new TextDecoder().decode(new Uint8Array(koffi.view(data, Number(length)).slice(0))) : '',
    /** A function that the library may call: `parameters` are its types. */
    callback: (body: (...args: never[]) => void, ...parameters: readonly unknown[]) =>
      koffi.register(body, koffi.pointer(koffi.proto('void', [...parameters, 'void *', 'void *']))),
    /** The struct about a callback. */
    calling: (callback: bigint) => ({ next: null, mode: WHEN_ASKED, callback, user1: null, user2: null }),
  };
}

function bind<Result, Name extends string>(
  library: Library,
  result: string,
  table: Readonly<Record<Name, string>>,
): Record<Name, (...args: readonly unknown[]) => Result> {
  const functions = Object.entries<string>(table).map(([name, signature]) => [
    name,
    library.func(`${result}wgpu${signature}`),
  ]);
  return Object.fromEntries(functions);
}
