import type { FloatArray } from '../../tensor/index.ts';
import type { MatmulSizes } from '../contract.ts';

const BLOCK = 4;
let panelsA = new Float64Array(0);
let panelsB = new Float64Array(0);
/** The sums of one 4×4 block of C. */
const tile = new Float64Array(BLOCK * BLOCK);

/**
 * The matrix product C ← A·B, for a batch of matrices: c[i, j] = Σₚ a[i, p]·b[p, j] (+ bias[j])
 * (+ c[i, j] if `accumulate`).
 *
 * Output: c (batch, m, n), which is an input too if `accumulate`.
 * Inputs: a (batch, m, k), b (batch, k, n), bias (n) or null. A is stored (k, m) if `transposeA`, B (n, k) if
 * `transposeB`.
 *
 * It is register-blocked. Both factors are first packed into panels of 4 rows (of A) and 4 columns (of B),
 * laid out in the order in which the inner loop reads them, whatever the transposes; sixteen running sums
 * then stay in registers. Sums are float64 for either float type.
 */
export function matmul(
  c: FloatArray,
  a: FloatArray,
  b: FloatArray,
  bias: FloatArray | null,
  sizes: MatmulSizes,
): void {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false, accumulate = false } = sizes;
  const { strideA = m * k, strideB = k * n } = sizes;
  if (panelsA.length < (m + BLOCK) * k) panelsA = new Float64Array((m + BLOCK) * k);
  if (panelsB.length < (n + BLOCK) * k) panelsB = new Float64Array((n + BLOCK) * k);
  for (let i = 0; i < batch; i++) {
    if (i === 0 || strideA !== 0) pack(panelsA, a, i * strideA, m, k, transposeA ? 1 : k, transposeA ? m : 1);
    if (i === 0 || strideB !== 0) pack(panelsB, b, i * strideB, n, k, transposeB ? k : 1, transposeB ? 1 : n);
    product(c, i * m * n, m, n, k, bias, accumulate);
  }
}

/** Packs panels of four lines (rows of A, columns of B), zero-padded: panel[line / 4][depth][line % 4]. */
function pack(
  panels: Float64Array,
  source: FloatArray,
  offset: number,
  lines: number,
  depth: number,
  lineStride: number,
  depthStride: number,
): void {
  for (let first = 0; first < lines; first += BLOCK) {
    for (let r = 0; r < BLOCK; r++) {
      let to = first * depth + r;
      let from = offset + (first + r) * lineStride;
      const inside = first + r < lines;
      for (let p = 0; p < depth; p++) {
        panels[to] = inside ? source[from]! : 0;
        to += BLOCK;
        from += depthStride;
      }
    }
  }
}

/** One matrix of the batch, c (m, n) at `offset`, block by block from the packed panels. */
function product(
  c: FloatArray,
  offset: number,
  m: number,
  n: number,
  k: number,
  bias: FloatArray | null,
  accumulate: boolean,
): void {
  for (let j = 0; j < n; j += BLOCK) {
    const width = Math.min(BLOCK, n - j);
    for (let i = 0; i < m; i += BLOCK) {
      const height = Math.min(BLOCK, m - i);
      tileProduct(i * k, j * k, k);
      for (let r = 0; r < height; r++) {
        const row = offset + (i + r) * n + j;
        for (let s = 0; s < width; s++) {
          const value = tile[r * BLOCK + s]! + (bias === null ? 0 : bias[j + s]!);
          c[row + s] = accumulate ? c[row + s]! + value : value;
        }
      }
    }
  }
}

/** tile ← the 4×k panel of A at `at`, times the k×4 panel of B at `bt`. */
// biome-ignore format: 4×4 blocks
function tileProduct(at: number, bt: number, k: number): void {
  const a = panelsA;
  const b = panelsB;
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
  let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
  let c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (const end = at + BLOCK * k; at < end; at += BLOCK, bt += BLOCK) {
    const b0 = b[bt]!, b1 = b[bt + 1]!, b2 = b[bt + 2]!, b3 = b[bt + 3]!;
    const a0 = a[at]!, a1 = a[at + 1]!, a2 = a[at + 2]!, a3 = a[at + 3]!;
    c00 += a0 * b0; c01 += a0 * b1; c02 += a0 * b2; c03 += a0 * b3;
    c10 += a1 * b0; c11 += a1 * b1; c12 += a1 * b2; c13 += a1 * b3;
    c20 += a2 * b0; c21 += a2 * b1; c22 += a2 * b2; c23 += a2 * b3;
    c30 += a3 * b0; c31 += a3 * b1; c32 += a3 * b2; c33 += a3 * b3;
  }
  tile[0] = c00; tile[1] = c01; tile[2] = c02; tile[3] = c03;
  tile[4] = c10; tile[5] = c11; tile[6] = c12; tile[7] = c13;
  tile[8] = c20; tile[9] = c21; tile[10] = c22; tile[11] = c23;
  tile[12] = c30; tile[13] = c31; tile[14] = c32; tile[15] = c33;
}
