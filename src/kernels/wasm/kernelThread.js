// @ts-check
/**
 * A kernel thread: waits for a call, does its share of it, says so. It spins for a while, because the next
 * call usually comes within microseconds, and then sleeps.
 */
import { runWithFirstMessage } from '../../platform/thread.js';
import { loadGemm } from '../blas/gemm.js';
import { CONTROL, SPINS, share } from './control.js';

runWithFirstMessage((/** @type {import('./control.js').ThreadData} */ data) => {
  const { module, memory, control, values, names, blas } = data;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  /** @typedef {(...args: number[]) => void} Kernel */
  const kernels = names.map((name) => /** @type {Kernel} */ (exports[name]));
  if (blas !== null) kernels.push(loadGemm(blas, memory));

  let seen = 0; // nobody calls before all threads are ready, except to stop them
  Atomics.add(control, CONTROL.ready, 1);
  Atomics.notify(control, CONTROL.ready);
  for (;;) {
    waitForCall(control, seen);
    if (Atomics.load(control, CONTROL.stop) !== 0) return;
    seen = Atomics.load(control, CONTROL.calls);
    // Nothing of the call is read before a share is claimed: until that share is done, no other call can
    // begin.
    for (let left = claim(control); left > 0; left = claim(control)) {
      const [total = 0, grain = 1, threads = 1] = values;
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
});

/** @param {Int32Array} control */
function claim(control) {
  return Atomics.sub(control, CONTROL.left, 1);
}

/**
 * @param {Int32Array} control
 * @param {number} seen the number of the last call
 */
function waitForCall(control, seen) {
  for (let spins = 0; Atomics.load(control, CONTROL.calls) === seen; spins++) {
    if (spins < SPINS) continue;
    Atomics.add(control, CONTROL.asleep, 1);
    Atomics.wait(control, CONTROL.calls, seen);
    Atomics.sub(control, CONTROL.asleep, 1);
    spins = 0;
  }
}
