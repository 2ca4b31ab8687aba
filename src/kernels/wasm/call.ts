/** The way from typed arrays to addresses, by which the wrappers beside it reach the compiled kernels. */
import { check, type TypedArray } from '../../tensor/index.ts';
import { inKernelMemory, kernelPool } from './memory.ts';
import type { Threads } from './threads.ts';
import type { Work } from './work.ts';

let threads: Threads | null = null;

/** Puts threads in use, and returns those that were in use until now; they still wait. */
export function useThreads(next: Threads | null): Threads | null {
  const before = threads;
  threads = next;
  return before;
}

/** The threads in use; there are some whenever the overlay is installed. */
export function currentThreads(): Threads {
  return threads!;
}

/** Whether a kernel is compiled for these numbers, or left to the reference; others, neither could read. */
export function isFloat32(array: TypedArray): array is Float32Array {
  if (array instanceof Float32Array) return true;
  const known = array instanceof Float64Array || array instanceof Int32Array;
  check(known, 'kernels', 'numbers are float32, float64 or int32', () => array.constructor.name);
  return false;
}

export type CompiledKernel = (
  work: Work,
  outputs: readonly (TypedArray | null)[],
  inputs: readonly (TypedArray | null)[],
  sizes: readonly number[],
) => void;

/** The exports that are called, with the number of parameters that each takes. */
const needed = new Map<string, number>();

/**
 * Callers of exports, by name. Declared with their parameters, so that a build of another version is refused.
 */
export function compiled<Name extends string>(
  parameters: Readonly<Record<Name, number>>,
): Record<Name, CompiledKernel> {
  const callers = {} as Record<Name, CompiledKernel>;
  for (const [name, count] of Object.entries(parameters) as [Name, number][]) {
    needed.set(name, count);
    callers[name] = (work, outputs, inputs, sizes) => call(name, work, outputs, inputs, sizes);
  }
  return callers;
}

/** Callers of exports that compute a number, declared likewise. */
export function computed<Name extends string>(
  parameters: Readonly<Record<Name, number>>,
): Record<Name, (...sizes: readonly number[]) => number> {
  const callers = {} as Record<Name, (...sizes: readonly number[]) => number>;
  for (const [name, count] of Object.entries(parameters) as [Name, number][]) {
    needed.set(name, count);
    callers[name] = (...sizes) => currentThreads().exports.valueOf(name, ...sizes);
  }
  return callers;
}

/** For each export that ends in the first of these endings, there is one with each other ending, too. */
export type Family = Readonly<Record<string, number>>;
const families: Family[] = [];

/** Declares exports that are found by a part of their name: `{ Map: 5, Grad: 7 }` is fooMap and fooGrad. */
export function compiledFamily(parameters: Family): void {
  families.push(parameters);
}

/** The first export that they lack, or have with other parameters; null if they have all that are called. */
export function lackOf(threads: Threads): string | null {
  const all = [...needed, ...families.flatMap((family) => membersIn(threads, family))];
  return all.find(([name, count]) => threads.exports.parametersOf(name) !== count)?.[0] ?? null;
}

function membersIn(threads: Threads, family: Family): [name: string, parameters: number][] {
  const [first] = Object.keys(family) as [string];
  const members = [...threads.exports.names()].filter((name) => name.endsWith(first));
  return members.flatMap((member) =>
    Object.entries(family).map(([ending, count]) => [member.slice(0, -first.length) + ending, count]),
  );
}

/**
 * Runs export(…outputs, …inputs, …sizes, from, to) over [0, total). A null array is address 0. Arrays outside
 * the kernel memory are copied in, and outputs among them (whose old contents count too) back out.
 */
export function call(
  name: string,
  work: Work,
  outputs: readonly (TypedArray | null)[],
  inputs: readonly (TypedArray | null)[],
  sizes: readonly number[],
): void {
  const guests: Guest[] = [];
  try {
    const args = new Array<number>(outputs.length + inputs.length + sizes.length);
    let next = 0;
    for (const array of outputs) args[next++] = addressOf(array, guests);
    for (const array of inputs) args[next++] = addressOf(array, guests);
    for (const size of sizes) args[next++] = size;
    currentThreads().run(name, work, args);
    for (const { array, copy } of guests) if (outputs.includes(array)) array.set(copy);
  } finally {
    dismiss(guests);
  }
}

/** Hands the addresses of arrays to `body`, which only reads them: arrays outside are copied in meanwhile. */
export function withAddresses<Result>(
  arrays: readonly TypedArray[],
  body: (addresses: readonly number[]) => Result,
): Result {
  const guests: Guest[] = [];
  try {
    return body(arrays.map((array) => addressOf(array, guests)));
  } finally {
    dismiss(guests);
  }
}

function dismiss(guests: readonly Guest[]): void {
  for (const { block } of guests) kernelPool.give(block);
}

type Guest = { array: TypedArray; copy: TypedArray; block: ReturnType<typeof kernelPool.take> };

function addressOf(array: TypedArray | null, guests: Guest[]): number {
  if (array === null) return 0;
  if (inKernelMemory(array)) return array.byteOffset;
  const known = guests.find((guest) => guest.array === array);
  if (known) return known.block.byteOffset;
  const block = kernelPool.take(array.byteLength);
  const ArrayType = array.constructor as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => TypedArray;
  const copy = new ArrayType(block.buffer, block.byteOffset, array.length);
  copy.set(array);
  guests.push({ array, copy, block });
  return block.byteOffset;
}
