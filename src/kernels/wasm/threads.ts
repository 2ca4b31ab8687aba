/**
 * The threads that share the work of a kernel call. The main thread does a share itself; the others are
 * workers over the same memory, started at the first call that is worth it. Who computes what never changes a
 * bit of a result.
 */
import { platform } from '../../platform/index.ts';
import { fail } from '../../tensor/index.ts';
import { Company } from './company.ts';
import { CONTROL, SPINS, share, type ThreadData } from './control.js';
import { letLoadBeforeExit } from './exit.ts';
import { Exports, type Kernel } from './exports.ts';
import { kernelMemory } from './memory.ts';
import type { Work } from './work.ts';

/** The number of elementary operations below which splitting a call costs more than it saves. */
let worthSplitting = 30_000;
/**
 * One nap while waiting, in ms. Patience is counted in naps, so a process that was suspended is not blamed
 * for the time it slept.
 */
const NAP = 100;
/** Bytes of address space that an engine takes for one more thread: 0.6 to 0.9 GiB, from Node 20 to 26. */
const THREAD_SPACE = 2 ** 30;

/** Splits however little there is to do; for tests. */
export function splitEverything(on: boolean): void {
  worthSplitting = on ? 0 : 30_000;
}

/** Calls kernel(…args, from, to): one list, because several to spread are ten times as slow. */
function runPart(kernel: Kernel, args: number[], from: number, to: number): void {
  args.push(from, to);
  kernel(...args);
  args.length -= 2;
}

export class Threads {
  /** How many there are, the main thread included. */
  readonly count: number;
  /** Milliseconds without an answer after which a thread counts as dead. */
  patience = 20_000;
  readonly exports: Exports;
  readonly #module: WebAssembly.Module;
  readonly #blas: string | null;
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #company: Company;
  /** Number of other threads that work, once all of them are up; null before they are started. */
  #others: number | null = null;
  /** Fate of a thread that does not work any more. */
  #failure: string | null = null;
  #warned = false;

  /** @param blas path of a BLAS library: adds the kernel `gemmRows` */
  constructor(module: WebAssembly.Module, count: number, blas: string | null) {
    this.exports = new Exports(module, blas);
    const Bytes = count > 1 ? SharedArrayBuffer : ArrayBuffer; // a page that lacks it has one thread
    this.#control = new Int32Array(new Bytes(64));
    this.#values = new Float64Array(new Bytes(512));
    this.count = count;
    this.#company = new Company(count);
    this.#module = module;
    this.#blas = blas;
  }

  /** Calls kernel(…args, from, to) so that [0, total) is covered; shares begin at multiples of `grain`. */
  run(name: string, { total, grain = 1, work, sharesMatter = false }: Work, args: number[]): void {
    const { number, kernel } = this.exports.get(name);
    const shares = work < worthSplitting ? 1 : this.count;
    const threads = shares === 1 || !this.#company.pays || !this.ready() ? 1 : shares;
    if (threads === 1) {
      if (!sharesMatter) runPart(kernel, args, 0, total);
      else for (let i = 0; i < shares; i++) runPart(kernel, args, ...share(i, shares, total, grain));
      return;
    }
    const [control, values] = [this.#control, this.#values];
    values[0] = total;
    values[1] = grain;
    values[2] = threads;
    for (let i = 0; i < args.length; i++) values[3 + i] = args[i]!;
    control[CONTROL.kernel] = number;
    control[CONTROL.args] = args.length;
    Atomics.store(control, CONTROL.done, 0);
    Atomics.store(control, CONTROL.left, threads);
    Atomics.add(control, CONTROL.calls, 1);
    if (Atomics.load(control, CONTROL.asleep) > 0) Atomics.notify(control, CONTROL.calls);
    let own = 0;
    try {
      // Also the shares of threads that are late because the system runs something else.
      for (
        let left = Atomics.sub(control, CONTROL.left, 1);
        left > 0;
        left = Atomics.sub(control, CONTROL.left, 1)
      ) {
        own++;
        const [from, to] = share(threads - left, threads, total, grain);
        if (from < to) runPart(kernel, args, from, to);
      }
    } finally {
      // even now: the next call must find every thread at rest
      this.#waitFor(threads - own - Math.max(0, Atomics.exchange(control, CONTROL.left, 0)));
    }
  }

  /** Tells whether all threads are up (starting them, if need be); until then this one works alone. */
  ready(): boolean {
    if (this.#others === null) this.#start();
    if (this.#failure !== null) this.#fail(this.#failure);
    return Atomics.load(this.#control, CONTROL.ready) === this.#others;
  }

  #start(): void {
    const wanted = this.count - 1;
    const room = Math.max(0, Math.floor(platform.addressSpaceLeft() / THREAD_SPACE));
    this.#others = Math.min(wanted, room);
    if (room < wanted) this.#warn('too little address space, see ulimit -v');
    for (let started = 0; started < this.#others; started++) {
      try {
        this.#startThread();
      } catch (error) {
        this.#others = started;
        this.#warn((error as Error).message);
      }
    }
    if (this.#blas !== null) letLoadBeforeExit(this.#control, () => this.#others ?? 0);
  }

  #startThread(): void {
    const data: ThreadData = {
      module: this.#module,
      memory: kernelMemory(),
      control: this.#control,
      values: this.#values,
      names: this.exports.own,
      blas: this.#blas,
    };
    const { Worker } = platform;
    const worker = new Worker(new URL('./kernelThread.js', import.meta.url), { type: 'module' }); // bundlers look for this
    worker.onerror = ({ message = 'its program cannot be loaded' }) => {
      // No call has been shared before all were up: the others can do without one that never was.
      if (Atomics.load(this.#control, CONTROL.ready) === this.#others) {
        this.#failure = `a thread that ended with "${message}"`;
      } else {
        this.#others!--;
        this.#warn(message);
      }
    };
    worker.postMessage(data);
  }

  /** Says once that there are fewer threads than wanted. */
  #warn(reason: string): void {
    if (!this.#warned)
      console.warn(`kernel threads: not all ${this.count} could be started (${reason}); fewer do the work.`);
    this.#warned = true;
  }

  /** Ends the other threads. */
  stop(): void {
    Atomics.store(this.#control, CONTROL.stop, 1);
    Atomics.add(this.#control, CONTROL.calls, 1);
    Atomics.notify(this.#control, CONTROL.calls);
  }

  #waitFor(others: number): void {
    const control = this.#control;
    let patience = this.patience;
    let asleep = 0;
    for (let spins = 0; ; spins++) {
      const done = Atomics.load(control, CONTROL.done);
      if (done === others) break;
      if (spins < SPINS) continue;
      if (asleep === 0) asleep = performance.now();
      if (Atomics.wait(control, CONTROL.done, done, NAP) !== 'timed-out') continue;
      patience -= NAP;
      if (patience <= 0) this.#fail('a thread that does not answer');
    }
    if (asleep > 0) this.#company.waited(asleep, performance.now());
    if (Atomics.load(control, CONTROL.failed) !== 0) this.#fail('a thread that broke off');
  }

  /** Fails, in this call and in all later ones: a thread that is late would answer to the wrong call. */
  #fail(what: string): never {
    this.#failure = what;
    fail('kernel threads', 'every thread finishes its share', what, 'set SCRATCHFORMER_THREADS=1');
  }
}
