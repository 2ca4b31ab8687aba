import { platform } from '../platform/index.ts';

/** What starts processes as the ranks of one job: an MPI's `mpirun`. */
export interface Launcher {
  readonly name: string;
  /** The variable in which it promises each process the number of ranks. */
  readonly promise: string;
  /** Names of the library of the same MPI; the first that loads is taken. */
  readonly libraries: readonly string[];
  readonly install: string;
}

const launchers: readonly Launcher[] = [
  {
    name: 'Open MPI',
    promise: 'OMPI_COMM_WORLD_SIZE',
    libraries: ['libmpi.so.40', 'libmpi.so'],
    install: 'apt-get install libopenmpi3',
  },
  {
    name: 'MPICH', // and those that keep to its ABI: Intel MPI, MVAPICH, Cray
    promise: 'PMI_SIZE',
    libraries: ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so', 'libmpi.so'],
    install: 'apt-get install libmpich12',
  },
];

/** The launcher that started this process, and how many ranks it promised; null if none did. */
export function findLauncher(): { readonly launcher: Launcher; readonly ranks: number } | null {
  for (const launcher of launchers) {
    const ranks = Number(platform.variable(launcher.promise));
    if (Number.isInteger(ranks) && ranks >= 1) return { launcher, ranks };
  }
  return null;
}
