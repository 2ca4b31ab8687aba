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
 * Rows [from, to) of all C = op(A)·op(B) (+ bias) (+ C), one matrix after the other: the kernel `gemmRows`,
 * over addresses in `memory`. The next matrices of A and B follow after so many numbers.
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
    nextA = 0,
    nextB = 0,
    from = 0,
    to = 0,
  ) {
    if (bias !== 0) addBias(memory, c + 4 * from * n, bias, to - from, n, adds !== 0);
    const beta = adds !== 0 || bias !== 0 ? 1 : 0;
    for (let start = from, end = 0; start < to; start = end) {
      const matrix = Math.floor(start / m);
      end = Math.min(to, (matrix + 1) * m);
      const first = a + 4 * (matrix * nextA + (start - matrix * m) * (tA ? 1 : k));
      const B = b + 4 * matrix * nextB;
      gemm(
        ROW_MAJOR, tA ? TRANSPOSED : AS_IT_IS, tB ? TRANSPOSED : AS_IT_IS, end - start, n, k,
        1, base + first, Math.max(1, tA ? m : k), base + B, Math.max(1, tB ? k : n),
        beta, base + c + 4 * start * n, Math.max(1, n),
      ); // biome-ignore format: the arguments of sgemm
    }
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
  if (adds) {
    for (let i = 0; i < block.length; i++) block[i] = Number(block[i]) + Number(row[i % n]);
    return;
  }
  block.set(row.subarray(0, block.length));
  for (let filled = n; filled > 0 && filled < block.length; filled *= 2) block.copyWithin(filled, 0, filled);
}
