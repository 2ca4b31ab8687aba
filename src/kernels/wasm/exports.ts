import { loadGemm } from '../blas/gemm.js';
import { kernelMemory } from './memory.ts';

export type Kernel = (...args: readonly number[]) => unknown;

/** A function of a build; threads are told its number. */
export interface Export {
  readonly number: number;
  readonly kernel: Kernel;
}

/** The functions that a build of the kernels exports, by name and by number. */
export class Exports {
  /** The names of the build's own, in the order of their numbers. */
  readonly own: readonly string[];
  readonly #all: ReadonlyMap<string, Export>;

  /** @param blas path of a BLAS library: adds the kernel `gemmRows` */
  constructor(module: WebAssembly.Module, blas: string | null) {
    const memory = kernelMemory();
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => {} } });
    const own = Object.entries(exports).filter(
      (entry): entry is [string, Kernel] => typeof entry[1] === 'function',
    );
    const gemm: [string, Kernel][] = blas === null ? [] : [['gemmRows', loadGemm(blas, memory)]];
    const all = [...own, ...gemm];
    this.own = own.map(([name]) => name);
    this.#all = new Map(all.map(([name, kernel], number) => [name, { number, kernel }]));
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  /** The names of all kernels. */
  names(): Iterable<string> {
    return this.#all.keys();
  }

  /** The export of that name, which there is. */
  get(name: string): Export {
    return this.#all.get(name)!;
  }

  /** The number of parameters that a kernel takes; undefined if there is none of that name. */
  parametersOf(name: string): number | undefined {
    return this.#all.get(name)?.kernel.length;
  }

  /** The number that an export computes, which is no kernel but tells something about one. */
  valueOf(name: string, ...args: readonly number[]): number {
    return this.get(name).kernel(...args) as number;
  }
}
