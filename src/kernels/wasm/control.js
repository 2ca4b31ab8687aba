// @ts-check
/**
 * What the main thread and the kernel threads share. Plain JavaScript, because a worker loads it as it is,
 * from the source as from the built package.
 *
 * @typedef {object} ThreadData
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {Int32Array} control words at the places named in CONTROL
 * @property {Float64Array} values total, grain, threads, then the arguments of the call
 * @property {readonly string[]} names the exports, by kernel number
 * @property {string | null} blas path of a BLAS library
 */

/** Places in the control words. */
export const CONTROL = {
  calls: 0,
  done: 1,
  kernel: 2,
  args: 3,
  ready: 4,
  asleep: 5,
  failed: 6,
  stop: 7,
  left: 8,
};

/** How often a waiting thread looks before it sleeps: about 100 µs. */
export const SPINS = 20_000;

/**
 * One share of a call, the part [from, to): as many units of `grain` as there are for each thread.
 *
 * @param {number} number the share's, from 0
 * @param {number} threads
 * @param {number} total
 * @param {number} grain
 * @returns {[from: number, to: number]}
 */
export function share(number, threads, total, grain) {
  const units = Math.ceil(total / grain);
  const start = Math.floor((units * number) / threads) * grain;
  const end = Math.floor((units * (number + 1)) / threads) * grain;
  return [start, Math.min(total, end)];
}
