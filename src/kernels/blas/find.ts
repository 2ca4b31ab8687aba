import { nativePackage } from '../../platform/thread.js';
import { type Library, loadForThisCore } from './core.ts';

/** The names of libraries in the packages of each system; the first that loads is taken. */
const names: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
  ],
  linux: [
    'libopenblas.so.0',
    'libopenblas.so',
    'libblis.so.4',
    'libblis.so',
    'libmkl_rt.so.2',
    'libmkl_rt.so',
  ],
  win32: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll'],
};

const installs: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'brew install openblas',
  linux: 'apt-get install libopenblas0, dnf install openblas, …',
};

/** Finds a library that has cblas_sgemm, or the reason why there is none. `SCRATCHFORMER_BLAS` names one. */
export function findBlas(): { path: string } | string {
  if (typeof process === 'undefined') return 'blas: a browser has no native libraries';
  let koffi: { load(path: string): Library };
  const { arch, platform } = process;
  try {
    koffi = nativePackage('koffi');
  } catch {
    return `blas: the optional package koffi is missing or has no build for ${platform} ${arch} (npm install koffi)`;
  }
  const own = process.env.SCRATCHFORMER_BLAS;
  const candidates = own ? [own] : (names[platform] ?? []);
  for (const path of candidates) {
    try {
      withoutOwnThreads(() => loadForThisCore(() => koffi.load(path)).func('void cblas_sgemm()'));
      return { path };
    } catch {} // not here: try the next
  }
  return own
    ? `blas: ${own} is no library with cblas_sgemm`
    : `blas: no library found (${installs[platform] ?? 'install OpenBLAS'})`;
}

/**
 * OpenBLAS starts a thread for each core when it is loaded, for nothing, and ends the process if it cannot.
 */
function withoutOwnThreads(load: () => void): void {
  const { OPENBLAS_NUM_THREADS: before } = process.env;
  process.env.OPENBLAS_NUM_THREADS = '1';
  try {
    load();
  } finally {
    if (before === undefined) delete process.env.OPENBLAS_NUM_THREADS;
    else process.env.OPENBLAS_NUM_THREADS = before;
  }
}
