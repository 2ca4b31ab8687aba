import type { GpuBuffer } from './buffers.ts';
import type { Dawn, Handle } from './dawn.ts';

/** A program of the device: its text in WGSL, and how many buffers it writes and reads. */
export interface Shader {
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
  readonly code: string;
}

const [UNIFORM, STORAGE, READ_ONLY] = [2, 3, 4];
const COMPUTE = 4;
const WGSL = 2;
const NO_TEXT = { data: null, length: 0 };
/** Groups of buffers that are kept; training needs a few hundred. */
const MOST_GROUPS = 10_000;

/** Compiled shaders, and the groups of buffers that they ran on: in training the same come back each step. */
export class Pipelines {
  /** The group of the sizes. */
  readonly sizes: Handle;
  readonly #dawn: Dawn;
  readonly #device: Handle;
  readonly #sizesLayout: Handle;
  readonly #layouts = new Map<string, { group: Handle; pipeline: Handle }>();
  readonly #compiled = new Map<Shader, { pipeline: Handle; layout: Handle; number: number }>();
  readonly #groups = new Map<string, Handle>();

  constructor(dawn: Dawn, device: Handle, uniform: GpuBuffer, sizeBytes: number) {
    this.#dawn = dawn;
    this.#device = device;
    this.#sizesLayout = this.#groupLayout([{ kind: UNIFORM, dynamic: 1, leastSize: sizeBytes }]);
    this.sizes = this.#group(this.#sizesLayout, [{ ...uniform, bytes: sizeBytes }]);
  }

  of(shader: Shader, buffers: readonly GpuBuffer[]): { pipeline: Handle; group: Handle } {
    const { pipeline, layout, number } = this.#compiled.get(shader) ?? this.#compile(shader);
    let key = `${number}`;
    for (const { id } of buffers) key += ` ${id}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return { pipeline, group: known };
    if (this.#groups.size >= MOST_GROUPS) this.forgetGroups();
    const group = this.#group(layout, buffers);
    this.#groups.set(key, group);
    return { pipeline, group };
  }

  forgetGroups(): void {
    for (const group of this.#groups.values()) this.#dawn.releaseGroup(group);
    this.#groups.clear();
  }

  #compile(shader: Shader) {
    const { structs } = this.#dawn;
    const layout = this.#layoutOf(shader);
    const [code, main] = [shader.code, 'main'].map((text) => new TextEncoder().encode(text)) as [
      Uint8Array,
      Uint8Array,
    ];
    const next = this.#dawn.put(structs.wgsl, { kind: WGSL, code: this.#dawn.text(code) });
    const module = this.#dawn.createShader(
      this.#device,
      this.#dawn.put(structs.shader, { next, label: NO_TEXT }),
    );
    const stage = { stage: null, module, entry: this.#dawn.text(main), constantCount: 0, constants: null };
    const wanted = this.#dawn.put(structs.pipeline, { label: NO_TEXT, layout: layout.pipeline, ...stage });
    const pipeline = this.#dawn.createPipeline(this.#device, wanted);
    const compiled = { pipeline, layout: layout.group, number: this.#compiled.size };
    this.#compiled.set(shader, compiled);
    return compiled;
  }

  /** The layouts for so many outputs and inputs. */
  #layoutOf({ outputs, inputs }: Shader): { group: Handle; pipeline: Handle } {
    const key = `${outputs} ${inputs}`;
    const known = this.#layouts.get(key);
    if (known) return known;
    const kinds = [...new Array(outputs).fill(STORAGE), ...new Array(inputs).fill(READ_ONLY)] as number[];
    const group = this.#groupLayout(kinds.map((kind) => ({ kind, dynamic: 0, leastSize: 0 })));
    const layouts = BigUint64Array.of(this.#sizesLayout, group);
    const wanted = { label: NO_TEXT, count: 2, layouts: this.#dawn.addressOf(layouts), immediates: 0 };
    const pipeline = this.#dawn.createPipelineLayout(
      this.#device,
      this.#dawn.put(this.#dawn.structs.pipelineLayout, wanted),
    );
    const made = { group, pipeline };
    this.#layouts.set(key, made);
    return made;
  }

  #groupLayout(buffers: readonly { kind: number; dynamic: number; leastSize: number }[]): Handle {
    const { structs } = this.#dawn;
    const unused = { next: null, kind: 0 };
    const others = {
      sampler: unused,
      texture: { ...unused, dimension: 0, multisampled: 0 },
      storageTexture: { ...unused, more: 0, dimension: 0 },
    };
    const entries = buffers.map((buffer, binding) => ({
      ...{ binding, visibility: COMPUTE, arraySize: 0 },
      buffer: { next: null, ...buffer },
      ...others,
    }));
    const place = this.#dawn.put(structs.layoutEntry, ...entries);
    const wanted = { label: NO_TEXT, count: entries.length, entries: place };
    return this.#dawn.createGroupLayout(this.#device, this.#dawn.put(structs.groupLayout, wanted));
  }

  #group(layout: Handle, buffers: readonly GpuBuffer[]): Handle {
    const { structs } = this.#dawn;
    const entries = buffers.map(({ handle, bytes }, binding) => ({
      ...{ binding, buffer: handle, offset: 0, size: bytes, sampler: null, view: null },
    }));
    const place = this.#dawn.put(structs.groupEntry, ...entries);
    const wanted = { label: NO_TEXT, layout, count: entries.length, entries: place };
    return this.#dawn.createGroup(this.#device, this.#dawn.put(structs.group, wanted));
  }
}
