import { loadGemm } from '../blas/gemm.js';
import { kernelMemory } from './memory.ts';

export type Kernel = (...args: readonly number[]) => unknown;

/** The functions that a build of the kernels exports, by name and by number. */
export class Exports {
  /** The names of the build's own, in the order of their numbers. */
  readonly own: readonly string[];
  readonly #kernels: readonly Kernel[];
  readonly #numbers: ReadonlyMap<string, number>;

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
    this.#kernels = all.map(([, kernel]) => kernel);
    this.#numbers = new Map(all.map(([name], number) => [name, number]));
  }

  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  /** The names of all kernels. */
  names(): Iterable<string> {
    return this.#numbers.keys();
  }

  /** A kernel and its number. */
  kernel(name: string): readonly [number: number, kernel: Kernel] {
    const number = this.#numbers.get(name)!;
    return [number, this.#kernels[number]!];
  }

  /** The number of parameters that a kernel takes; undefined if there is none of that name. */
  parametersOf(name: string): number | undefined {
    return this.has(name) ? this.kernel(name)[1].length : undefined;
  }

  /** The number that an export computes, which is no kernel but tells something about one. */
  valueOf(name: string, ...args: readonly number[]): number {
    const [, compute] = this.kernel(name);
    return compute(...args) as number;
  }
}
