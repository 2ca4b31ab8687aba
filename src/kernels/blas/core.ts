/**
 * OpenBLAS and processors newer than itself: it takes one that it does not know for the oldest, with vectors of
 * 128 bits, and is four times as slow as it could be.
 */

/** A library as koffi loads it. */
export interface Library {
  func(signature: string): (...args: unknown[]) => unknown;
  unload(): void;
}

/** The core for which any processor of a 64-bit PC has the instructions. */
const OLDEST = 'Prescott';

/** What `/proc/cpuinfo` calls the widest vectors → the core to which OpenBLAS shall compare this one. */
const cores = [
  ['avx512vl', 'SkylakeX'],
  ['avx2', 'Haswell'],
] as const;

/** Loads the library, and once more if it has mistaken the processor; the user's own choice stands. */
export function loadForThisCore(load: () => Library): Library {
  const library = load();
  const better = process.env.OPENBLAS_CORETYPE ? null : betterCore(library);
  if (better === null) return library;
  library.unload();
  process.env.OPENBLAS_CORETYPE = better;
  try {
    return load();
  } finally {
    delete process.env.OPENBLAS_CORETYPE;
  }
}

function betterCore(library: Library): string | null {
  try {
    if (library.func('const char *openblas_get_corename()')() !== OLDEST) return null;
    const flags = process.getBuiltinModule('node:fs').readFileSync('/proc/cpuinfo', 'utf8');
    return cores.find(([flag]) => new RegExp(`^flags.* ${flag}\\b`, 'm').test(flags))?.[1] ?? null;
  } catch {
    return null; // another library, or another system than Linux
  }
}
