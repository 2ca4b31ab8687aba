// @ts-check
/**
 * A kernel thread: waits for a call, does its share of it, says so. It spins for a while, because the next
 * call usually comes within microseconds, and then sleeps.
 */
import { workerData } from 'node:worker_threads';
import { CONTROL, SPINS, share } from './control.js';

/** @type {import('./control.js').ThreadData} */
const { module, memory, control, values, names, blas } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
/** @typedef {(...args: number[]) => void} Kernel */
const kernels = names.map((name) => /** @type {Kernel} */ (exports[name]));
if (blas !== null) {
  const { loadGemm } = await import('../blas/gemm.js');
  kernels.push(loadGemm(blas, memory));
}

let seen = 0; // nobody calls before all threads are ready, except to stop them
Atomics.add(control, CONTROL.ready, 1);
Atomics.notify(control, CONTROL.ready);
for (;;) {
  waitForCall();
  if (Atomics.load(control, CONTROL.stop) !== 0) break;
  seen = Atomics.load(control, CONTROL.calls);
  // Nothing of the call is read before a share is claimed: until that share is done, no other call can begin.
  for (let left = claim(); left > 0; left = claim()) {
    const [total, grain, threads] = /** @type {[number, number, number]} */ (/** @type {unknown} */ (values));
    const [from, to] = share(threads - left, threads, total, grain);
    const args = values.subarray(3, 3 + /** @type {number} */ (control[CONTROL.args]));
    try {
      if (from < to) kernels[/** @type {number} */ (control[CONTROL.kernel])]?.(...args, from, to);
    } catch {
      Atomics.store(control, CONTROL.failed, 1);
    }
    Atomics.add(control, CONTROL.done, 1);
    Atomics.notify(control, CONTROL.done);
  }
}

function claim() {
  return Atomics.sub(control, CONTROL.left, 1);
}

function waitForCall() {
  for (let spins = 0; Atomics.load(control, CONTROL.calls) === seen; spins++) {
    if (spins < SPINS) continue;
    Atomics.add(control, CONTROL.asleep, 1);
    Atomics.wait(control, CONTROL.calls, seen);
    Atomics.sub(control, CONTROL.asleep, 1);
    spins = 0;
  }
}
