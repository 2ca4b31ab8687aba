/**
 * Structs of Dawn's C interface, of the version that `find.ts` pins: the names are ours, order and types the
 * library's. Each begins with a pointer to a struct that extends it.
 */
import type { Koffi } from './find.ts';

export type Structs = ReturnType<typeof structsOf>;

const u32 = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'uint32_t']));

export function structsOf(koffi: Koffi) {
  const text = koffi.struct({ data: 'void *', length: 'size_t' });
  const struct = (fields: Readonly<Record<string, unknown>>) => koffi.struct({ next: 'void *', ...fields });
  const callback = struct({ mode: 'uint32_t', callback: 'void *', user1: 'void *', user2: 'void *' });
  const errorCallback = struct({ callback: 'void *', user1: 'void *', user2: 'void *' });
  const [queue, unused] = [struct({ label: text }), u32('kind', 'more')];
  return {
    text,
    callback,
    adapterOptions: struct({ ...u32('featureLevel', 'power', 'fallback', 'backend'), surface: 'void *' }),
    adapterInfo: struct({
      ...{ vendor: text, architecture: text, device: text, description: text },
      ...u32('backend', 'kind', 'vendorID', 'deviceID', 'subgroupMin', 'subgroupMax'),
    }),
    limits: limitsOf(struct),
    device: struct({
      ...{ label: text, featureCount: 'size_t', features: 'void *', limits: 'void *' },
      ...{ queue, lost: callback, error: errorCallback },
    }),
    buffer: struct({ label: text, usage: 'uint64_t', size: 'uint64_t', mapped: 'uint32_t' }),
    shader: struct({ label: text }),
    wgsl: struct({ kind: 'uint32_t', code: text }),
    layoutEntry: struct({
      ...{ binding: 'uint32_t', visibility: 'uint64_t', arraySize: 'uint32_t' },
      buffer: struct({ ...u32('kind', 'dynamic'), leastSize: 'uint64_t' }),
      ...{ sampler: struct(u32('kind')), texture: struct(u32('kind', 'dimension', 'multisampled')) },
      storageTexture: struct({ ...unused, dimension: 'uint32_t' }),
    }),
    groupLayout: struct({ label: text, count: 'size_t', entries: 'void *' }),
    pipelineLayout: struct({ label: text, count: 'size_t', layouts: 'void *', immediates: 'uint32_t' }),
    pipeline: struct({
      ...{ label: text, layout: 'void *', stage: 'void *', module: 'void *', entry: text },
      ...{ constantCount: 'size_t', constants: 'void *' },
    }),
    groupEntry: struct({
      ...{ binding: 'uint32_t', buffer: 'void *', offset: 'uint64_t', size: 'uint64_t' },
      ...{ sampler: 'void *', view: 'void *' },
    }),
    group: struct({ label: text, layout: 'void *', count: 'size_t', entries: 'void *' }),
  };
}

/** What an adapter can do at the most; a device is asked for all of it. */
function limitsOf(struct: (fields: Readonly<Record<string, unknown>>) => object): object {
  return struct({
    ...u32('texture1D', 'texture2D', 'texture3D', 'textureLayers', 'groups', 'groupsAndVertices', 'bindings'),
    ...u32(
      'dynamicUniforms',
      'dynamicStorages',
      'sampled',
      'samplers',
      'storages',
      'storageTextures',
      'uniforms',
    ),
    ...{ uniformBytes: 'uint64_t', bindingBytes: 'uint64_t' },
    ...u32('uniformAlignment', 'storageAlignment', 'vertexBuffers'),
    bufferBytes: 'uint64_t',
    ...u32(
      'attributes',
      'attributeStride',
      'variables',
      'colors',
      'colorBytes',
      'workgroupBytes',
      'invocations',
    ),
    ...u32('sizeX', 'sizeY', 'sizeZ', 'workgroups', 'immediates', 'vertexStorages', 'vertexTextures'),
    ...u32('fragmentStorages', 'fragmentTextures'),
  });
}
