import { platform } from '../platform/index.ts';
import { check, type Tensor } from '../tensor/index.ts';
import { alone, type Communicator } from './communicator.ts';
import { prepareHost, whereabouts } from './host.ts';
import { findLauncher } from './launcher.ts';
import { loadLibrary } from './library.ts';
import { Mpi } from './mpi.ts';

/** All processes of a job, as one of them sees them. What it does, every rank must do, in the same order. */
export class World {
  readonly communicator: Communicator;
  #left = false;

  constructor(communicator: Communicator) {
    this.communicator = communicator;
  }

  /** Number of this process, from 0. */
  get rank(): number {
    return this.communicator.rank;
  }

  /** Number of processes. */
  get size(): number {
    return this.communicator.size;
  }

  /** Waits until every rank has come here. */
  barrier(): void {
    this.communicator.barrier();
  }

  /** Gives every rank the numbers that one has in these tensors, which are contiguous and alike everywhere. */
  broadcast(tensors: Iterable<Tensor>, from = 0): void {
    for (const { data, storage } of tensors) {
      this.communicator.broadcast(data, from);
      storage.version++;
    }
  }

  /** Gives every rank the bytes of rank 0. */
  broadcastBytes(bytes: Uint8Array): Uint8Array {
    const length = Float64Array.of(bytes.length);
    this.communicator.broadcast(length, 0);
    const all = this.rank === 0 ? bytes : new Uint8Array(length[0]!);
    this.communicator.broadcast(all, 0);
    return all;
  }

  /** The texts of all ranks. */
  gather(text: string): string[] {
    const mine = new TextEncoder().encode(text);
    const lengths = new Int32Array(this.size);
    this.communicator.allGather(lengths, Int32Array.of(mine.length));
    const all = new Uint8Array(lengths.reduce((sum, length) => sum + length));
    this.communicator.allGather(all, mine, [...lengths]);
    let end = 0;
    return [...lengths].map((length) => {
      end += length;
      return new TextDecoder().decode(all.subarray(end - length, end));
    });
  }

  /**
   * Ends the part of this process in the job; it waits for the others to do the same. It is called by itself
   * when a process ends well. One that ends otherwise does not, and so the launcher ends the whole job.
   */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.barrier(); // which waits without spinning
    this.communicator.leave();
  }
}

let world: World | null = null;

/**
 * The world that `mpirun` started this process into; a world of one, without any library, if nothing did.
 *
 * Errors: the library of the launcher's MPI, or koffi, is not there; the world is smaller than promised.
 */
export function init(): World {
  if (world !== null) return world;
  const found = findLauncher();
  if (found === null) {
    world = new World(alone);
    return world;
  }
  prepareHost();
  const { launcher, ranks } = found;
  const mpi = new Mpi(loadLibrary(launcher));
  const joined = new World(mpi);
  check(
    mpi.size === ranks,
    'distributed',
    `the world has as many ranks as its launcher, ${launcher.name}'s mpirun, promised: ${ranks}`,
    () => `${mpi.size}, by ${mpi.library}`,
    () => 'use the mpirun and the library of the same MPI (SCRATCHFORMER_MPI names a library)',
  );
  platform.atExit((code) => {
    if (code === 0) joined.leave();
  });
  world = joined;
  return world;
}

/** Which rank this is, and where it runs: `rank 2 of 4 (process 123 on node7)`. */
export function describeRank({ rank, size }: World): string {
  const { host, process } = whereabouts();
  return `rank ${rank} of ${size} (process ${process} on ${host})`;
}
