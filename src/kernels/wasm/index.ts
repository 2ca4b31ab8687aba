import { allocateFrom } from '../../tensor/index.ts';
import { findBlas } from '../blas/find.ts';
import type { Kernels } from '../contract.ts';
import { usePool } from './call.ts';
import { matmul } from './matmul.ts';
import { kernelPool } from './memory.ts';
import { loadModule } from './module.ts';
import { ThreadPool } from './pool.ts';
import { failedCheck } from './selfCheck.ts';

/** What the compiled kernels do faster. Every function takes float64 too, and hands it to the reference. */
const overlay: Partial<Kernels> = { matmul };

/** Starts the WASM kernels; a string says why they cannot be had. */
export function startWasm(threads: number, blas: boolean): { overlay: Partial<Kernels>; why: string } | string {
  const loaded = loadModule();
  if (loaded === null) return 'wasm: its build is missing (npm run build:wasm)';
  const library = blas ? findBlas() : null;
  if (typeof library === 'string') return library;
  usePool(new ThreadPool(loaded.module, threads, library?.path ?? null));
  const failed = failedCheck(overlay);
  if (failed !== null) return `${blas ? 'blas' : 'wasm'}: ${failed} failed its self-check`;
  allocateFrom(kernelPool);
  const why = `${loaded.build} SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { overlay, why: library ? `${why}, matrix products by ${library.path}` : why };
}
