/**
 * Matrix product C = op(A)·op(B), four rows and eight columns at a time.
 *
 * B is packed first, into panels of eight columns: panel[j / 8][p][j % 8], zero-padded at the right. One
 * micro-kernel then keeps a 4×8 block of C in eight vector registers and runs down p: two vectors of B, four
 * splats of A, eight multiply-adds. A is read where it lies, in either orientation. Longer products than
 * K_BLOCK add to C block by block, so that a panel stays in the first-level cache.
 */
import { madd } from './simd';
import { packColumnPanels, packRowPanels } from './tile';

@inline const K_BLOCK: i32 = 512;
@inline const ROW_BLOCK: i32 = 96;

/** Packs columns [from, to) of op(B) (k×n; stored n×k if `transposed`); `from` is a multiple of 8. */
export function packColumns(out: usize, b: usize, k: i32, n: i32, transposed: i32, from: i32, to: i32): void {
  for (let j = from; j < to; j += 8) {
    const panel = out + ((<usize>j * <usize>k) << 2);
    const width = min(8, n - j);
    if (!transposed) packColumnPanels(panel, b + (<usize>j << 2), <usize>n << 2, k, width);
    else packRowPanels(panel, b + ((<usize>j * <usize>k) << 2), <usize>k << 2, width, k);
  }
}

/**
 * Rows [from, to) of C (m×n) from A (m×k; stored k×m if `transposed`) and the packed panels of B.
 * `bias` (n numbers, or 0 for none) is added to each row; `accumulate` adds to what C holds.
 */
export function matmulRows(
  c: usize, a: usize, panels: usize, bias: usize,
  m: i32, n: i32, k: i32, transposed: i32, accumulate: i32,
  from: i32, to: i32,
): void {
  const rowStep: usize = transposed ? 4 : <usize>k << 2;
  const depthStep: usize = transposed ? <usize>m << 2 : 4;
  let adds = accumulate;
  let first = 0;
  do {
    const depth = min(K_BLOCK, k - first);
    for (let top = from; top < to; top += ROW_BLOCK) {
      const bottom = min(top + ROW_BLOCK, to);
      for (let j = 0; j < n; j += 8) {
        const panel = panels + ((<usize>j * <usize>k + <usize>first * 8) << 2);
        const columnBias = bias && first == 0 ? bias + (<usize>j << 2) : 0;
        for (let i = top; i < bottom; i += 4) {
          const at = a + <usize>i * rowStep + <usize>first * depthStep;
          const out = c + ((<usize>i * <usize>n + <usize>j) << 2);
          block(out, at, panel, columnBias, n, depth, rowStep, depthStep, adds, bottom - i, n - j);
        }
      }
    }
    adds = 1;
    first += K_BLOCK;
  } while (first < k);
}

/**
 * One 4×8 block of C; `height` and `width` say how much of it exists. Missing rows of A are read as row 0.
 */
@inline
function block(
  out: usize, a0: usize, panel: usize, bias: usize,
  n: i32, depth: i32, rowStep: usize, depthStep: usize, adds: i32, height: i32, width: i32,
): void {
  let a1 = height > 1 ? a0 + rowStep : a0;
  let a2 = height > 2 ? a0 + 2 * rowStep : a0;
  let a3 = height > 3 ? a0 + 3 * rowStep : a0;
  let c00 = f32x4.splat(0);
  let c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (const end = panel + (<usize>depth << 5); panel < end; panel += 32) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a0 += depthStep;
    a1 += depthStep;
    a2 += depthStep;
    a3 += depthStep;
  }
  const line = <usize>n << 2;
  storeRow(out, c00, c01, bias, adds, width);
  if (height > 1) storeRow(out + line, c10, c11, bias, adds, width);
  if (height > 2) storeRow(out + 2 * line, c20, c21, bias, adds, width);
  if (height > 3) storeRow(out + 3 * line, c30, c31, bias, adds, width);
}

@inline
function storeRow(out: usize, low: v128, high: v128, bias: usize, adds: i32, width: i32): void {
  if (width >= 8) {
    if (bias) {
      low = f32x4.add(low, v128.load(bias));
      high = f32x4.add(high, v128.load(bias, 16));
    }
    if (adds) {
      low = f32x4.add(low, v128.load(out));
      high = f32x4.add(high, v128.load(out, 16));
    }
    v128.store(out, low);
    v128.store(out, high, 16);
  } else {
    storeEdge(out, low, high, bias, adds, width);
  }
}

/** The first `width` < 8 numbers of a row. */
function storeEdge(out: usize, low: v128, high: v128, bias: usize, adds: i32, width: i32): void {
  for (let c = 0; c < width; c++) {
    let value = f32x4.extract_lane(low, 0);
    if (bias) value += load<f32>(bias + (<usize>c << 2));
    if (adds) value += load<f32>(out + (<usize>c << 2));
    store<f32>(out + (<usize>c << 2), value);
    low = c == 3 ? high : v128.shuffle<f32>(low, low, 1, 2, 3, 0);
  }
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
  let total =
    f32x4.extract_lane(sum0, 0) + f32x4.extract_lane(sum0, 1) + f32x4.extract_lane(sum0, 2) + f32x4.extract_lane(sum0, 3);
  for (; p < k; p++, a += 4, b += 4) total += load<f32>(a) * load<f32>(b);
  return total;
}
