/**
 * Matrix products C = op(A)·op(B), a batch of them, by tiles of a few rows and columns.
 *
 * B is packed first, into panels of PANEL columns: panel[j / PANEL][p][j % PANEL], zero-padded at the right.
 * One micro-kernel then keeps a block of C, 4×8 numbers, in eight vector registers and runs down p: two
 * vectors of B, four splats of A, eight multiply-adds. A is read where it lies, in either orientation. Longer
 * products than K_BLOCK add to C block by block, so that a panel stays in the first-level cache.
 */
import { LINE, PANEL, packColumnPanels, packRowPanels, ROWS } from './panels';
import { madd } from './simd';
import { tallTile } from './tile';

@inline const K_BLOCK: i32 = 512;
/** A multiple of ROWS. */
@inline const ROW_BLOCK: i32 = 96;

/** Columns of a panel. */
export function panelColumns(): i32 {
  return PANEL;
}

/** Rows of a tile. */
export function tileRows(): i32 {
  return ROWS;
}

/**
 * Packs panels [from, to) of op(B), one matrix (k×n; stored n×k if `transposed`) after the other, each
 * `stride` numbers after the last.
 */
export function packColumns(
  out: usize, b: usize, n: i32, k: i32, transposed: i32, stride: i32, from: i32, to: i32,
): void {
  const panels = (n + PANEL - 1) / PANEL;
  for (let unit = from; unit < to; unit++) {
    const j = unit % panels * PANEL;
    const B = b + (<usize>(unit / panels) * <usize>stride << 2);
    const panel = out + <usize>unit * <usize>k * LINE;
    const width = min(PANEL, n - j);
    if (!transposed) packColumnPanels(panel, B + (<usize>j << 2), <usize>n << 2, k, width);
    else packRowPanels(panel, B + ((<usize>j * <usize>k) << 2), <usize>k << 2, width, k);
  }
}

/**
 * Groups [from, to) of ROWS rows of C (m×n), one matrix after the other, from A (m×k; stored k×m if
 * `transposed`) and the packed panels of B. `bias` (n numbers, or 0 for none) is added to each row;
 * `accumulate` adds to what C holds. The next matrices of A and of the panels follow after so many numbers.
 */
export function matmulRows(
  c: usize, a: usize, panels: usize, bias: usize,
  m: i32, n: i32, k: i32, transposed: i32, accumulate: i32, nextA: i32, nextPanels: i32,
  from: i32, to: i32,
): void {
  const groups = (m + ROWS - 1) / ROWS;
  for (let group = from; group < to; ) {
    const matrix = group / groups;
    const start = matrix * groups;
    const end = min(start + groups, to);
    const C = c + (<usize>matrix * <usize>m * <usize>n << 2);
    const A = a + (<usize>matrix * <usize>nextA << 2);
    const B = panels + (<usize>matrix * <usize>nextPanels << 2);
    const rows = min(m, (end - start) * ROWS);
    rowsOf(C, A, B, bias, m, n, k, transposed, accumulate, (group - start) * ROWS, rows);
    group = end;
  }
}

/** Rows [from, to) of one C. */
function rowsOf(
  c: usize, a: usize, panels: usize, bias: usize,
  m: i32, n: i32, k: i32, transposed: i32, accumulate: i32,
  from: i32, to: i32,
): void {
  const rowStep: usize = transposed ? 4 : <usize>k << 2;
  const depthStep: usize = transposed ? <usize>m << 2 : 4;
  const line = <usize>n << 2;
  let adds = accumulate;
  let first = 0;
  do {
    const depth = min(K_BLOCK, k - first);
    for (let top = from; top < to; top += ROW_BLOCK) {
      const bottom = min(top + ROW_BLOCK, to);
      for (let j = 0; j < n; j += PANEL) {
        const panel = panels + ((<usize>j * <usize>k + <usize>first * PANEL) << 2);
        const columnBias = bias && first == 0 ? bias + (<usize>j << 2) : 0;
        for (let i = top; i < bottom; i += ROWS) {
          const at = a + <usize>i * rowStep + <usize>first * depthStep;
          const out = c + ((<usize>i * <usize>n + <usize>j) << 2);
          tallTile(out, line, at, rowStep, depthStep, panel, depth, columnBias, adds, bottom - i, n - j);
        }
      }
    }
    adds = 1;
    first += K_BLOCK;
  } while (first < k);
}

/**
 * Columns [from, to) of C for few rows (m < 4, as in generation), where packing would cost more than it
 * saves: c[i][j] ← a[i]·b[j] (+ bias[j]) (+ c[i][j]), with B stored n×k.
 */
export function matmulDots(
  c: usize, a: usize, b: usize, bias: usize,
  m: i32, n: i32, k: i32, accumulate: i32,
  from: i32, to: i32,
): void {
  for (let j = from; j < to; j++) {
    const row = b + ((<usize>j * <usize>k) << 2);
    for (let i = 0; i < m; i++) {
      const out = c + ((<usize>i * <usize>n + <usize>j) << 2);
      let value = dot(a + ((<usize>i * <usize>k) << 2), row, k);
      if (bias) value += load<f32>(bias + (<usize>j << 2));
      if (accumulate) value += load<f32>(out);
      store<f32>(out, value);
    }
  }
}

function dot(a: usize, b: usize, k: i32): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let p = 0;
  for (; p + 8 <= k; p += 8, a += 32, b += 32) {
    sum0 = madd(v128.load(a), v128.load(b), sum0);
    sum1 = madd(v128.load(a, 16), v128.load(b, 16), sum1);
  }
  sum0 = f32x4.add(sum0, sum1);
  let total = f32x4.extract_lane(sum0, 0) + f32x4.extract_lane(sum0, 1);
  total = total + f32x4.extract_lane(sum0, 2) + f32x4.extract_lane(sum0, 3);
  for (; p < k; p++, a += 4, b += 4) total += load<f32>(a) * load<f32>(b);
  return total;
}
