import { allocateFrom } from '../../tensor/source.ts';
import { findBlas } from '../blas/find.ts';
import type { Build, Kernels } from '../contract.ts';
import { lackOf, useThreads } from './call.ts';
import { kernelPool, startMemory } from './memory.ts';
import { loadModule } from './module.ts';
import { failedCheck } from './selfCheck.ts';
import { warnIfStale } from './sources.js';
import { Threads } from './threads.ts';
import * as wrappers from './wrappers/index.ts';

/** The kernels that are compiled. Every function takes float64 too, and hands it to the reference. */
const overlay: Partial<Kernels> = wrappers;

/** Starts the WASM kernels; returns the overlay, or the reason (a string) why it is unavailable. */
export function startWasm(
  threads: number,
  blas: boolean,
  build?: Build,
): { overlay: Partial<Kernels>; why: string } | string {
  const loaded = loadModule(build);
  if (typeof loaded === 'string') return `wasm: ${loaded}`;
  const library = blas ? findBlas() : null;
  if (typeof library === 'string') return library;
  const lack = startMemory();
  if (lack !== null) return `wasm: ${lack}`;
  const failure = startThreads(loaded.module, threads, library?.path ?? null);
  if (failure !== null) return `${blas ? 'blas' : 'wasm'}: ${failure}`;
  allocateFrom(kernelPool);
  warnIfStale();
  const why = `${loaded.build} SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { overlay, why: library ? `${why}, matrix products by ${library.path}` : why };
}

/** Puts new threads in use, or says why they do not work; then those before go on. */
function startThreads(module: WebAssembly.Module, count: number, blas: string | null): string | null {
  const threads = newThreads(module, count, blas);
  if (typeof threads === 'string') return threads;
  const before = useThreads(threads);
  const failed = failedCheck(overlay);
  if (failed === null) {
    before?.stop();
    return null;
  }
  useThreads(before);
  return `${failed} failed its self-check`;
}

function newThreads(module: WebAssembly.Module, count: number, blas: string | null): Threads | string {
  try {
    const threads = new Threads(module, count, blas);
    const lack = lackOf(threads);
    return lack === null
      ? threads
      : `its build is of another version, ${lack} is not what it was (npm run build:wasm)`;
  } catch (error) {
    return `it does not start, ${(error as Error).message}`;
  }
}
