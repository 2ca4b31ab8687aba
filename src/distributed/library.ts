import { platform } from '../platform/index.ts';
import { nativePackage } from '../platform/thread.js';
import { fail } from '../tensor/index.ts';
import type { Launcher } from './launcher.ts';

/** A C function, called with numbers, addresses and typed arrays. */
export type Native = (...args: unknown[]) => number;

/** A library as koffi loads it. */
interface Loaded {
  func(signature: string): Native;
  /** Address of an exported variable. */
  symbol(name: string): bigint;
}

/** The library of an MPI. */
export interface Library {
  /** Its file, as it was asked for. */
  readonly path: string;
  /** The C function of this signature, in which `Handle` stands for communicators, types and operations. */
  func(signature: string): Native;
  /** The handle of a constant such as `comm_world`. */
  handle(name: keyof typeof handles): unknown;
  /** Lets other processes have this core. */
  yieldCore(): void;
}

/** MPICH's handles are these numbers; Open MPI's are addresses of variables, `ompi_mpi_` and this name. */
const handles = {
  comm_world: 0x44000000,
  byte: 0x4c00010d,
  int: 0x4c000405,
  float: 0x4c00040a,
  double: 0x4c00080b,
  op_sum: 0x58000003,
};

/** Loads the library of the launcher's MPI. `SCRATCHFORMER_MPI` names another one. */
export function loadLibrary({ name, libraries, install }: Launcher): Library {
  const koffi = loadKoffi();
  const own = platform.variable('SCRATCHFORMER_MPI');
  for (const path of own ? [own] : libraries) {
    try {
      return described(path, koffi.load(path), koffi.load(null).func('int sched_yield()'));
    } catch {} // not here: try the next
  }
  const got = own ? `none in ${own}` : `none by the names ${libraries.join(', ')}`;
  return fail(
    'distributed',
    `the library of ${name}, which started this process, can be loaded`,
    got,
    install,
  );
}

function loadKoffi(): { load(path: string | null): Loaded } {
  try {
    return nativePackage('koffi');
  } catch {
    return fail('distributed', 'the optional package koffi is installed', 'none', 'npm install koffi');
  }
}

function described(path: string, library: Loaded, yieldCore: () => void): Library {
  library.func('int MPI_Init(void *, void *)');
  const byAddress = has(library, 'ompi_mpi_comm_world');
  return {
    path,
    func: (signature) => library.func(signature.replaceAll('Handle', byAddress ? 'intptr_t' : 'int')),
    handle: (name) => (byAddress ? library.symbol(`ompi_mpi_${name}`) : handles[name]),
    yieldCore,
  };
}

function has(library: Loaded, symbol: string): boolean {
  try {
    library.symbol(symbol);
    return true;
  } catch {
    return false;
  }
}
