// @ts-check
/**
 * What the main thread and the kernel threads share. Plain JavaScript, because a worker loads it as it is, from the
 * source as from the built package.
 *
 * @typedef {object} ThreadData
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {Int32Array} control words at the places named in CONTROL
 * @property {Float64Array} values total, grain, threads, then the arguments of the call
 * @property {readonly string[]} names the exports, by kernel number
 * @property {number} thread this thread's number, from 1
 * @property {string | null} blas path of a BLAS library
 */

/** Places in the control words. */
export const CONTROL = { calls: 0, done: 1, kernel: 2, args: 3, ready: 4, asleep: 5, failed: 6, stop: 7, left: 8 };

/** How often a waiting thread looks before it sleeps: about 100 µs. */
export const SPINS = 20_000;

/**
 * The part [from, to) of a call that a thread does: a share of the units of `grain`.
 *
 * @param {number} thread
 * @param {number} threads
 * @param {number} total
 * @param {number} grain
 * @returns {[from: number, to: number]}
 */
export function share(thread, threads, total, grain) {
  const units = Math.ceil(total / grain);
  const start = Math.floor((units * thread) / threads) * grain;
  const end = Math.floor((units * (thread + 1)) / threads) * grain;
  return [start, Math.min(total, end)];
}
