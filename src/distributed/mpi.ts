import type { Communicator, Numbers } from './communicator.ts';
import type { Library, Native } from './library.ts';

/** Polls that give the core away each time, before the rank sleeps between them. */
const EAGER_POLLS = 500;
/** Milliseconds of sleep between later polls: waiting for a long time is not to cost others their core. */
const NAP = 0.05;

/**
 * MPI's collective operations, called without copies. A blocking call would spin, and where ranks share cores
 * the one that is waited for would not get any; so each is begun, and then asked for until it is done.
 *
 * MPI: A Message-Passing Interface Standard, version 3.1, chapter 5.12. Faults end the job, MPI's default.
 */
export class Mpi implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly library: string;
  readonly #library: Library;
  readonly #world: unknown;
  readonly #functions = new Map<string, Native>();
  readonly #request = new BigInt64Array(1); // room for a handle of either ABI
  readonly #done = new Int32Array(1);
  readonly #status = new Uint8Array(256);
  readonly #pillow = new Int32Array(new SharedArrayBuffer(4));

  constructor(library: Library) {
    this.#library = library;
    this.#world = library.handle('comm_world');
    this.#call('MPI_Init(void *, void *)', null, null);
    const number = new Int32Array(1);
    this.#call('MPI_Comm_rank(Handle, void *)', this.#world, number);
    this.rank = number[0]!;
    this.#call('MPI_Comm_size(Handle, void *)', this.#world, number);
    this.size = number[0]!;
    this.library = `${this.#version()} (${library.path})`;
  }

  barrier(): void {
    this.#finish('MPI_Ibarrier(Handle, void *)', this.#world);
  }

  broadcast(all: Numbers, from: number): void {
    const signature = 'MPI_Ibcast(void *, int, Handle, int, Handle, void *)';
    this.#finish(signature, all, all.length, this.#type(all), from, this.#world);
  }

  allGather(all: Numbers, mine: Numbers, counts = new Array<number>(this.size).fill(mine.length)): void {
    const signature = 'MPI_Iallgatherv(void *, int, Handle, void *, void *, void *, Handle, Handle, void *)';
    const type = this.#type(all);
    this.#finish(
      signature, mine, mine.length, type, all, Int32Array.from(counts), starts(counts), type, this.#world,
    ); // biome-ignore format: the arguments of MPI_Iallgatherv
  }

  exchange(
    received: Numbers,
    receiveCounts: readonly number[],
    sent: Numbers,
    sendCounts: readonly number[],
  ): void {
    const signature =
      'MPI_Ialltoallv(void *, void *, void *, Handle, void *, void *, void *, Handle, Handle, void *)';
    const type = this.#type(sent);
    this.#finish(
      signature,
      sent, Int32Array.from(sendCounts), starts(sendCounts), type,
      received, Int32Array.from(receiveCounts), starts(receiveCounts), type,
      this.#world,
    ); // biome-ignore format: the arguments of MPI_Ialltoallv
  }

  sum(all: Numbers, mine: Numbers): void {
    const signature = 'MPI_Iallreduce(void *, void *, int, Handle, Handle, Handle, void *)';
    const [type, operation] = [this.#type(all), this.#library.handle('op_sum')];
    this.#finish(signature, mine, all, all.length, type, operation, this.#world);
  }

  leave(): void {
    this.#call('MPI_Finalize()');
  }

  /** Begins an operation, and returns when it is done. */
  #finish(signature: string, ...args: unknown[]): void {
    this.#call(signature, ...args, this.#request);
    for (let polls = 0; ; polls++) {
      this.#call('MPI_Test(void *, void *, void *)', this.#request, this.#done, this.#status);
      if (this.#done[0] !== 0) return;
      if (polls < EAGER_POLLS) this.#library.yieldCore();
      else Atomics.wait(this.#pillow, 0, 0, NAP);
    }
  }

  #call(signature: string, ...args: unknown[]): void {
    const known = this.#functions.get(signature) ?? this.#library.func(`int ${signature}`);
    this.#functions.set(signature, known);
    known(...args);
  }

  #type(numbers: Numbers): unknown {
    if (numbers instanceof Float32Array) return this.#library.handle('float');
    if (numbers instanceof Float64Array) return this.#library.handle('double');
    return this.#library.handle(numbers instanceof Int32Array ? 'int' : 'byte');
  }

  /** The first line that the library says about itself, such as `MPICH Version: 4.0.2`. */
  #version(): string {
    const [bytes, length] = [new Uint8Array(8192), new Int32Array(1)];
    this.#call('MPI_Get_library_version(void *, void *)', bytes, length);
    const text = new TextDecoder().decode(bytes.subarray(0, length[0]));
    return text
      .split(/[\n,\0]/, 1)[0]!
      .replace(/\s+/g, ' ')
      .trim();
  }
}

/** Where each part begins: the sums of the counts before it. */
function starts(counts: readonly number[]): Int32Array {
  const result = new Int32Array(counts.length);
  for (let i = 1; i < counts.length; i++) result[i] = result[i - 1]! + counts[i - 1]!;
  return result;
}
