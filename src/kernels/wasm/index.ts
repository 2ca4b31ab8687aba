import { allocateFrom } from '../../tensor/storage.ts';
import { findBlas } from '../blas/find.ts';
import type { Build, Kernels } from '../contract.ts';
import { lackOf, usePool } from './call.ts';
import { kernelPool, startMemory } from './memory.ts';
import { loadModule } from './module.ts';
import { ThreadPool } from './pool.ts';
import { failedCheck } from './selfCheck.ts';
import { warnIfStale } from './sources.js';
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
  const failure = startPool(loaded.module, threads, library?.path ?? null);
  if (failure !== null) return `${blas ? 'blas' : 'wasm'}: ${failure}`;
  allocateFrom(kernelPool);
  warnIfStale();
  const why = `${loaded.build} SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { overlay, why: library ? `${why}, matrix products by ${library.path}` : why };
}

/** Puts a new pool in use, or says why it does not work; then the one before goes on. */
function startPool(module: WebAssembly.Module, threads: number, blas: string | null): string | null {
  const pool = newPool(module, threads, blas);
  if (typeof pool === 'string') return pool;
  const before = usePool(pool);
  const failed = failedCheck(overlay);
  if (failed === null) {
    before?.stop();
    return null;
  }
  usePool(before);
  return `${failed} failed its self-check`;
}

function newPool(module: WebAssembly.Module, threads: number, blas: string | null): ThreadPool | string {
  try {
    const pool = new ThreadPool(module, threads, blas);
    const lack = lackOf(pool);
    return lack === null
      ? pool
      : `its build is of another version, ${lack} is not what it was (npm run build:wasm)`;
  } catch (error) {
    return `it does not start, ${(error as Error).message}`;
  }
}
