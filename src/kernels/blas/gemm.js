// @ts-check
/**
 * The matrix product of a system BLAS (OpenBLAS, BLIS, MKL, Accelerate), called where the numbers lie: no
 * copies. Each of our threads calls it for its rows of C, so the library's own threads are switched off.
 * Plain JavaScript, because the kernel threads load it too.
 */
import { nativePackage } from '../../platform/thread.js';

const [ROW_MAJOR, AS_IT_IS, TRANSPOSED] = [101, 111, 112];
const GEMM =
  'void cblas_sgemm(int, int, int, int, int, int, float, intptr_t, int, intptr_t, int, float, intptr_t, int)';

/**
 * Rows [from, to) of C = op(A)·op(B) (+ bias) (+ C): the kernel `gemmRows`, over addresses in `memory`.
 *
 * @param {string} path
 * @param {WebAssembly.Memory} memory
 * @returns {(...args: number[]) => void}
 */
export function loadGemm(path, memory) {
  const koffi = nativePackage('koffi');
  const library = koffi.load(path);
  for (const name of ['openblas_set_num_threads', 'bli_thread_set_num_threads', 'MKL_Set_Num_Threads']) {
    try {
      library.func(`void ${name}(int)`)(1);
    } catch {} // another library's
  }
  const gemm = library.func(GEMM);
  const base = Number(koffi.address(new Uint8Array(memory.buffer))); // a shared memory never moves
  return function gemmRows(
    c = 0,
    a = 0,
    b = 0,
    bias = 0,
    m = 0,
    n = 0,
    k = 0,
    tA = 0,
    tB = 0,
    adds = 0,
    from = 0,
    to = 0,
  ) {
    const rows = to - from;
    const out = c + 4 * from * n;
    if (bias !== 0) addBias(memory, out, bias, rows, n, adds !== 0);
    const beta = adds !== 0 || bias !== 0 ? 1 : 0;
    const first = a + 4 * from * (tA ? 1 : k);
    gemm(
      ROW_MAJOR, tA ? TRANSPOSED : AS_IT_IS, tB ? TRANSPOSED : AS_IT_IS, rows, n, k,
      1, base + first, Math.max(1, tA ? m : k), base + b, Math.max(1, tB ? k : n), beta, base + out, Math.max(1, n),
    ); // biome-ignore format: the arguments of sgemm
  };
}

/**
 * @param {WebAssembly.Memory} memory
 * @param {number} out
 * @param {number} bias
 * @param {number} rows
 * @param {number} n
 * @param {boolean} adds
 */
function addBias(memory, out, bias, rows, n, adds) {
  const row = new Float32Array(memory.buffer, bias, n);
  const block = new Float32Array(memory.buffer, out, rows * n);
  for (let i = 0; i < rows; i++) {
    if (!adds) block.set(row, i * n);
    else
      for (let j = 0; j < n; j++)
        block[i * n + j] = /** @type {number} */ (block[i * n + j]) + /** @type {number} */ (row[j]);
  }
}
