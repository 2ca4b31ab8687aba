// @ts-check
/** What of the kernels a new way to compile them might break, computed on fixed numbers. */

/** Sizes of matrix products: whole tiles, borders of all kinds, more than a block of k. */
const SIZES = [
  [24, 48, 20],
  [13, 37, 21],
  [7, 17, 530],
  [2, 5, 1],
];
const [A, B, BIAS, C, PANELS, FLOATS] = [0, 7000, 14_000, 15_000, 22_000, 42_000];
/** Of the kernels' memory, the first page is theirs. */
const START = 65536;
const address = (/** @type {number} */ place) => START + 4 * place;

/** The kernels in question of one module, on numbers of their own. */
export class Trial {
  /** @type {(name: string, ...args: number[]) => number} */
  #call;
  /** @type {string[]} */
  #names;
  #floats;
  #numbers = Float32Array.from({ length: FLOATS }, (_, i) => 4 * Math.sin(i * i));

  constructor(/** @type {WebAssembly.Module} */ module) {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
    const kernels = /** @type {Record<string, (...args: number[]) => number>} */ (exports);
    this.#names = Object.keys(kernels);
    this.#call = (name, ...args) => kernels[name]?.(...args) ?? 0;
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
    const [columns, rows] = [this.#call('panelColumns'), this.#call('tileRows')];
    const [panels, groups] = [Math.ceil(n / columns), Math.ceil(m / rows)];
    this.#call('packColumns', address(PANELS), address(B), n, k, transposed, 0, 0, panels);
    this.#call(
      'matmulRows',
      address(C), address(A), address(PANELS), bias, m, n, k, transposed, accumulate, 0, 0, 0, groups,
    ); // biome-ignore format: outputs, inputs, sizes
  }

  *#formulas() {
    for (const name of this.#names) {
      const kind = /(Map|WithSlope)$/.exec(name)?.[1];
      if (kind === undefined) continue;
      this.#fill();
      const outputs = kind === 'Map' ? [address(C)] : [address(C), address(PANELS)];
      this.#call(name, ...outputs, address(A), 0.7, 0, 117);
      yield this.#bits(C, 117) + this.#bits(PANELS, 117);
    }
  }

  /** Of one head, 21 queries that see 21 keys of 20 numbers, causally; the plan is that of attentionPlan.ts. */
  *#attention() {
    const [T, D] = [21, 20];
    this.#fill();
    const plan = new Int32Array(this.#floats.buffer, address(BIAS), 60).fill(0);
    plan.set([1, T, T, D, 1, 1, 1, 0, 0, 0]);
    for (let view = 0; view < 9; view++) plan.set([0, T * D, T * D, D, 1], 10 + 5 * view);
    const scratch = [PANELS, BIAS].map(address);
    const outputs = [C, C + 500, C + 600].map(address);
    const inputs = [A, A + 500, A + 1000].map(address);
    const gradients = [C + 1000, C + 1500, C + 2000].map(address);
    this.#call('attention', ...outputs, ...scratch, ...inputs, 0, 0.2, 1, 0, 1);
    yield this.#bits(C, 700);
    const dy = address(A + 1500);
    this.#call('attentionGrad', ...gradients, ...scratch, dy, ...outputs, ...inputs, 0, 0.2, 1, 0, 1);
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
    this.#floats.set(this.#numbers);
  }

  #bits(from = 0, length = 0) {
    return new Uint32Array(this.#floats.buffer, address(from), length).join();
  }
}
