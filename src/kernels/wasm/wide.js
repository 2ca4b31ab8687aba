// @ts-check
/**
 * The build `wide`, compiled so that V8 joins pairs of its vectors of 128 bits to vectors of 256: matrix
 * products and activations take half the time.
 *
 * That part of V8 is experimental. It ended the process ("unreachable code") on two other ways to write the
 * same loops, in one of them only later, when the engine got to them. So these kernels are compiled whole, at
 * once, and nothing else is with them; and a process of its own tries it before (./wideTrial.js): if that does
 * not end, ends badly, gets one bit that differs from those of the build `relaxed`, or is not faster, `relaxed`
 * it is.
 */
import { withFlags } from '../../platform/flags.js';
import { Trial } from './trial.js';

const FLAGS = [
  '--experimental-wasm-revectorize',
  '--no-liftoff', // the optimizing compiler, from the first call on
  '--no-wasm-lazy-compilation',
  '--no-wasm-inlining', // it asks what Liftoff has learned
];

export function compileWide(/** @type {Uint8Array<ArrayBuffer>} */ bytes) {
  return withFlags(FLAGS, () => new WebAssembly.Module(bytes));
}

/** Files that only Node needs: written so that bundlers for browsers do not take them along. */
const beside = (/** @type {string} */ name) => new URL(name, import.meta.url);
export const wideBuild = beside('./build/wide.wasm');
export const trialProgram = beside('./wideTrial.js');

/** Whether two builds compute the same bits, in products, formulas and attention. */
export function agree(/** @type {WebAssembly.Module} */ a, /** @type {WebAssembly.Module} */ b) {
  return new Trial(a).results() === new Trial(b).results();
}

/** Whether a build computes products much faster than another. */
export function isFaster(/** @type {WebAssembly.Module} */ a, /** @type {WebAssembly.Module} */ b) {
  return new Trial(a).milliseconds() < 0.8 * new Trial(b).milliseconds();
}
