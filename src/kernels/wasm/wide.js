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

const FLAGS = [
  '--experimental-wasm-revectorize',
  '--no-liftoff', // the optimizing compiler, from the first call on
  '--no-wasm-lazy-compilation',
  '--no-wasm-inlining', // it asks what Liftoff has learned
];

export function compileWide(/** @type {Uint8Array} */ bytes) {
  return withFlags(FLAGS, () => new WebAssembly.Module(bytes));
}

/** Files that only Node needs: written so that bundlers for browsers do not take them along. */
const beside = (/** @type {string} */ name) => new URL(name, import.meta.url);
export const wideBuild = beside('./build/wide.wasm');
export const trial = beside('./wideTrial.js');

/** @typedef {Record<'packColumns' | 'matmulRows' | 'panelColumns' | 'tileRows' | 'attention' | 'attentionGrad', (...args: (number | undefined)[]) => number>} Kernels */

/** Whether two builds compute the same bits, in products, formulas and attention. */
export function agree(/** @type {WebAssembly.Module} */ a, /** @type {WebAssembly.Module} */ b) {
  return new Trial(a).results() === new Trial(b).results();
}

/** Whether a build computes products much faster than another. */
export function isFaster(/** @type {WebAssembly.Module} */ a, /** @type {WebAssembly.Module} */ b) {
  return new Trial(a).milliseconds() < 0.8 * new Trial(b).milliseconds();
}

/** Sizes of matrix products: whole tiles, borders of all kinds, more than a block of k. */
const SIZES = [
  [24, 48, 20],
  [13, 37, 21],
  [7, 17, 530],
  [2, 5, 1],
];
const [A, B, BIAS, C, PANELS, FLOATS] = [0, 7000, 14_000, 15_000, 22_000, 42_000];
const NUMBERS = Float32Array.from({ length: FLOATS }, (_, i) => 4 * Math.sin(i * i));
/** Of the kernels' memory, the first page is theirs. */
const START = 65536;
const address = (/** @type {number} */ place) => START + 4 * place;

/** The kernels in question of one module, on numbers of their own. */
class Trial {
  #kernels;
  #floats;

  constructor(/** @type {WebAssembly.Module} */ module) {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
    this.#kernels = /** @type {Kernels} */ (exports);
    this.#floats = new Float32Array(memory.buffer, START, FLOATS);
  }

  /** The bits of all results, as text. */
  results() {
    return [...this.#products(), ...this.#formulas(), ...this.#attention()].join();
  }

  *#products() {
    for (const [m = 0, n = 0, k = 0] of SIZES) {
      for (const flags of [0, 1, 2, 3, 4, 5, 6, 7]) {
        this.#fill();
        const bias = flags & 4 ? address(BIAS) : 0;
        this.#product(m, n, k, flags & 1, (flags >> 1) & 1, bias);
        yield this.#bits(C, m * n);
      }
    }
  }

  #product(m = 0, n = 0, k = 0, transposed = 0, accumulate = 0, bias = 0) {
    const { packColumns, matmulRows, panelColumns, tileRows } = this.#kernels;
    const [panels, groups] = [Math.ceil(n / panelColumns()), Math.ceil(m / tileRows())];
    packColumns(address(PANELS), address(B), n, k, transposed, 0, 0, panels);
    matmulRows(
      address(C), address(A), address(PANELS), bias, m, n, k, transposed, accumulate, 0, 0, 0, groups,
    ); // biome-ignore format: outputs, inputs, sizes
  }

  *#formulas() {
    for (const [name, kernel] of Object.entries(this.#kernels)) {
      const kind = /(Map|WithSlope)$/.exec(name)?.[1];
      if (kind === undefined) continue;
      this.#fill();
      const outputs = kind === 'Map' ? [address(C)] : [address(C), address(PANELS)];
      kernel(...outputs, address(A), 0.7, 0, 117);
      yield this.#bits(C, 117) + this.#bits(PANELS, 117);
    }
  }

  /** Of one head, 21 queries that see 21 keys of 20 numbers, causally; the plan is that of attentionPlan.ts. */
  *#attention() {
    const { attention, attentionGrad } = this.#kernels;
    const [T, D] = [21, 20];
    this.#fill();
    const plan = new Int32Array(this.#floats.buffer, address(BIAS), 60).fill(0);
    plan.set([1, T, T, D, 1, 1, 1, 0, 0, 0]);
    for (let view = 0; view < 9; view++) plan.set([0, T * D, T * D, D, 1], 10 + 5 * view);
    const [q, k, v, dy] = [A, A + 500, A + 1000, A + 1500].map(address);
    const [y, max, sum, dq, dk, dv] = [C, C + 500, C + 600, C + 1000, C + 1500, C + 2000].map(address);
    const [scratch, at] = [address(PANELS), address(BIAS)];
    attention(y, max, sum, scratch, at, q, k, v, 0, 0.2, 1, 0, 1);
    yield this.#bits(C, 700);
    attentionGrad(dq, dk, dv, scratch, at, dy, y, max, sum, q, k, v, 0, 0.2, 1, 0, 1);
    yield this.#bits(C + 1000, 1500);
  }

  /** The least time of some larger products. */
  milliseconds() {
    this.#fill();
    const times = Array.from({ length: 10 }, () => {
      const start = performance.now();
      for (let i = 0; i < 10; i++) this.#product(96, 64, 96);
      return performance.now() - start;
    });
    return Math.min(...times);
  }

  #fill() {
    this.#floats.set(NUMBERS);
  }

  #bits(from = 0, length = 0) {
    return new Uint32Array(this.#floats.buffer, address(from), length).join();
  }
}
