/** A kernel of the device: its text, and the way from what kernels take to buffers. */
import { check, type Memory, type TypedArray, type View } from '../../tensor/index.ts';
import type { GpuBuffer } from './buffers.ts';
import { currentDevice, isOnDevice } from './numbers.ts';
import type { Shader } from './pipelines.ts';
import { noteToDevice, noteToHost } from './transfers.ts';

export interface Source {
  /** Arrays that it writes: names, f32 unless `name: type` says otherwise. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  /** Numbers that it gets: u32 unless `name: type` says otherwise. */
  readonly sizes: readonly string[];
  /** Whether it needs what was in the arrays that it writes. */
  readonly updates?: boolean;
  /** Functions, variables of a group, and `main`. Element i of array x is x[p.xAt + i]. */
  readonly code: string;
}

export interface Kernel extends Shader {
  readonly updates: boolean;
  /** Of each size, whether it is a float. */
  readonly floats: readonly boolean[];
}

/** All kernels that were declared, for the test that the device's compiler takes each. */
export const declared: Kernel[] = [];

export function kernel(name: string, { writes, reads, sizes, updates = false, code }: Source): Kernel {
  const arrays = [...writes, ...reads].map((text) => text.split(': ') as [name: string, type?: string]);
  const fields = [...arrays.map(([array]) => `${array}At`), ...sizes];
  const declarations = arrays.map(
    ([array, type = 'f32'], i) =>
      `@group(1) @binding(${i}) var<storage, ${i < writes.length ? 'read_write' : 'read'}> ${array}: array<${type}>;`,
  );
  const made: Kernel = {
    name,
    outputs: writes.length,
    inputs: reads.length,
    updates,
    floats: sizes.map((size) => size.endsWith(': f32')),
    code: `struct Sizes { ${fields.map((field) => (field.includes(':') ? field : `${field}: u32`)).join(', ')} }
@group(0) @binding(0) var<uniform> p: Sizes;
${declarations.join('\n')}
${code}`,
  };
  declared.push(made);
  return made;
}

/** Numbers for a kernel: where they begin, and whether they are all that lie there. */
interface Part {
  readonly of: Memory;
  readonly at: number;
  readonly isWhole: boolean;
}

const words = new Uint32Array(64);
const floats = new Float32Array(words.buffer);

/**
 * Runs a kernel; `groups` are its groups of threads along up to three axes. An array that is null is not
 * looked at. Arrays of the host are copied in, and outputs among them back out.
 */
export function run(
  made: Kernel,
  writes: readonly (Memory | View)[],
  reads: readonly (Memory | View | null)[],
  sizes: readonly number[],
  groups: readonly [x: number, y?: number, z?: number],
): void {
  const device = currentDevice();
  const taken: GpuBuffer[] = [];
  const guests = new Map<Memory, GpuBuffer>();
  const guest = (array: TypedArray): GpuBuffer => {
    const known = guests.get(array);
    if (known) return known;
    const buffer = device.buffers.take(array.byteLength);
    guests.set(array, buffer);
    taken.push(buffer);
    noteToDevice(array.byteLength);
    device.write(buffer, array);
    return buffer;
  };
  const parts = [...writes, ...reads].map((numbers) => (numbers === null ? null : partOf(numbers)));
  try {
    const buffers: GpuBuffer[] = new Array(parts.length);
    // inputs first: a buffer that comes over for reading may be one that is written next
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i];
      if (!part) buffers[i] = device.nothing;
      else if (!isOnDevice(part.of)) buffers[i] = guest(part.of as TypedArray);
      else if (i >= writes.length) buffers[i] = part.of.owner.toRead();
      else buffers[i] = part.of.owner.toWrite(part.isWhole && !made.updates);
    }
    for (let i = writes.length; i < buffers.length; i++) {
      const original = buffers[i]!;
      if (buffers.indexOf(original) >= writes.length) continue;
      const apart = device.buffers.take(original.bytes); // a kernel must not read a buffer that it writes
      taken.push(apart);
      device.copy(original, 0, apart, original.bytes);
      buffers[i] = apart;
    }
    parts.forEach((part, i) => {
      words[i] = part?.at ?? 0;
    });
    sizes.forEach((size, i) => {
      if (made.floats[i]) floats[parts.length + i] = size;
      else words[parts.length + i] = size;
    });
    check(sizes.length === made.floats.length, made.name, 'all sizes are given', () => `${sizes.length}`);
    device.run(made, buffers, words, [groups[0], groups[1] ?? 1, groups[2] ?? 1]);
    for (const part of parts.slice(0, writes.length)) {
      const buffer = part && guests.get(part.of);
      if (!buffer) continue;
      noteToHost(part.of.byteLength);
      device.read(buffer, 0, part.of as TypedArray);
    }
  } finally {
    for (const buffer of taken) device.buffers.give(buffer);
  }
}

function partOf(numbers: Memory | View): Part {
  if ('shape' in numbers) {
    const { data, shape, offset } = numbers;
    return { of: data, at: offset, isWhole: shape.reduce((a, b) => a * b, 1) === data.length };
  }
  if (!isOnDevice(numbers)) return { of: numbers, at: 0, isWhole: true };
  const { owner, offset, length } = numbers;
  return { of: owner, at: offset, isWhole: length === owner.length };
}

/** Groups of `size` threads for `count` elements, along two axes, as one is too short for many. */
export function flat(count: number, size: number): [x: number, y: number] {
  const groups = Math.ceil(count / size);
  const most = 32768;
  return groups <= most ? [groups, 1] : [most, Math.ceil(groups / most)];
}

/** The head of `main` for groups of so many threads: `w` the group, `l` the thread in it, `g` the groups. */
export const main = (size: number) =>
  `@compute @workgroup_size(${size}) fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) l: u32, @builtin(num_workgroups) g: vec3u)`;

/** The number of the group, or of the thread, with the groups of `flat`. */
export const group = '(w.y * g.x + w.x)';
export const thread = (size: number) => `(${group} * ${size}u + l)`;
