/**
 * The kernels in use. `js` is always there; `wasm` overlays what it has faster; `blas` is `wasm` with the matrix products
 * of a system library.
 *
 *     useBackend('wasm', { threads: 2 });        or SCRATCHFORMER_BACKEND=wasm SCRATCHFORMER_THREADS=2
 */
import { availableParallelism } from 'node:os';
import { allocateFrom, check, fail, heapPool, suggest, withDefaults } from '../tensor/index.ts';
import type { Build, Kernels } from './contract.ts';
import { js } from './js/index.ts';
import { startWasm } from './wasm/index.ts';

export type * from './contract.ts';
export { keeps } from './js/dropout.ts';
export { powerOfNumber } from './js/elementwise.ts';

export type BackendName = 'js' | 'wasm' | 'blas';

export interface BackendOptions {
  /** Default: the cores, at most 8. js has one. */
  readonly threads?: number;
  /** Of the WASM kernels: plain SIMD, or relaxed, with fused multiply-add. Default: the better one that this engine has. */
  readonly build?: Build | undefined;
}

export interface Backend {
  readonly name: BackendName;
  readonly threads: number;
  /** What was found, and why this one. */
  readonly why: string;
}

export const kernels: Kernels = { ...js };

let inUse: Backend = { name: 'js', threads: 1, why: 'the reference' };

export function backendInUse(): Backend {
  return inUse;
}

const names = ['auto', 'js', 'wasm', 'blas'];

/**
 * Chooses the kernels, for everything from here on. `auto` takes the fastest that is there and passes a self-check;
 * another name that cannot be had is an error that says what to install.
 */
export function useBackend(name: BackendName | 'auto', options: BackendOptions = {}): Backend {
  check(
    names.includes(name),
    'useBackend',
    'the backend is known',
    () => `"${name}"`,
    () => suggest(name, names),
  );
  const { threads, build } = withDefaults<Required<BackendOptions>>('useBackend', options, {
    threads: Math.min(availableParallelism(), 8),
    build: undefined,
  });
  check(Number.isInteger(threads) && threads >= 1, 'useBackend', 'threads is a whole number ≥ 1', () => `${threads}`);
  const wanted = name === 'auto' ? (['blas', 'wasm', 'js'] as const) : [name];
  const reasons: string[] = [];
  for (const candidate of wanted) {
    const started = start(candidate, threads, build);
    if (typeof started !== 'string') {
      inUse = { ...started, why: [started.why, ...reasons].join('; ') };
      return inUse;
    }
    reasons.push(started);
  }
  return fail('useBackend', `the backend ${name} can be used`, reasons.join('; '));
}

/** The backend, or why it cannot be had. */
function start(name: BackendName, threads: number, build: Build | undefined): Backend | string {
  if (name === 'js') {
    Object.assign(kernels, js);
    allocateFrom(heapPool);
    return { name, threads: 1, why: 'plain JavaScript' };
  }
  const started = startWasm(threads, name === 'blas', build);
  if (typeof started === 'string') return started;
  Object.assign(kernels, js, started.overlay);
  return { name, threads, why: started.why };
}

useBackend((process.env.SCRATCHFORMER_BACKEND || 'auto') as BackendName | 'auto', environmentThreads());

function environmentThreads(): BackendOptions {
  const given = process.env.SCRATCHFORMER_THREADS;
  return !given ? {} : { threads: Number(given) };
}
