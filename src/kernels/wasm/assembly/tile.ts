/** The 4×8 micro-kernel of matrix products and attention, which reads panels (see ./panels). */
import { LINE, PANEL, ROWS } from './panels';
import { madd } from './simd';
import { wideTile } from './tileWide';

/**
 * c[0…3][0…7] ← (c +) (bias +) Σₚ a[r][p]·b[p][0…7] for p < k: eight running sums in registers. Row r of A
 * begins at a + r·rowStep and goes on in steps of `step`; b is a packed panel; rows of C are `width` bytes
 * apart. `rows` and `columns` say how much of the block there is, all of it from 4 and 8 on: of A and C,
 * nothing else is touched. In the build `wide` there are sixteen columns.
 */
@inline
export function tile(
  c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  bias: usize, accumulate: i32, rows: i32, columns: i32,
): void {
  block(4, c, width, a, rowStep, step, b, k, bias, accumulate, rows, columns);
}

/** The same for `ROWS` rows. */
@inline
export function tallTile(
  c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  bias: usize, accumulate: i32, rows: i32, columns: i32,
): void {
  block(ROWS, c, width, a, rowStep, step, b, k, bias, accumulate, rows, columns);
}

/** In the build `wide`, whole blocks are one wide tile, and those at the borders several narrow ones. */
@inline
function block(
  height: i32, c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  bias: usize, accumulate: i32, rows: i32, columns: i32,
): void {
  if (!isDefined(WIDE)) {
    narrowTile(c, width, a, rowStep, step, b, k, bias, accumulate, rows, columns);
  } else if (rows >= height && columns >= PANEL && !(bias && accumulate)) {
    const other = bias ? bias : accumulate ? c : 0;
    wideTile(height == 6, c, width, a, rowStep, step, b, k, other, bias ? 0 : width);
  } else {
    borderTiles(height, c, width, a, rowStep, step, b, k, bias, accumulate, rows, columns);
  }
}

function borderTiles(
  height: i32, c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  bias: usize, accumulate: i32, rows: i32, columns: i32,
): void {
  for (let i = 0; i < min(rows, height); i += 4) {
    for (let j = 0; j < min(columns, PANEL); j += 8) {
      const at = <usize>j << 2;
      const A = a + <usize>i * rowStep;
      const C = c + <usize>i * width + at;
      const add = bias ? bias + at : 0;
      narrowTile(C, width, A, rowStep, step, b + at, k, add, accumulate, min(rows, height) - i, columns - j);
    }
  }
}

@inline
function narrowTile(
  c: usize, width: usize, a: usize, rowStep: usize, step: usize, b: usize, k: i32,
  bias: usize, accumulate: i32, rows: i32, columns: i32,
): void {
  let a0 = a;
  let a1 = rows > 1 ? a + rowStep : a;
  let a2 = rows > 2 ? a + 2 * rowStep : a;
  let a3 = rows > 3 ? a + 3 * rowStep : a;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (const end = b + <usize>k * LINE; b < end; b += LINE) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
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
    a0 += step;
    a1 += step;
    a2 += step;
    a3 += step;
  }
  putRow(c, c00, c01, bias, accumulate, columns);
  if (rows > 1) putRow(c + width, c10, c11, bias, accumulate, columns);
  if (rows > 2) putRow(c + 2 * width, c20, c21, bias, accumulate, columns);
  if (rows > 3) putRow(c + 3 * width, c30, c31, bias, accumulate, columns);
}

@inline
function putRow(c: usize, low: v128, high: v128, bias: usize, accumulate: i32, columns: i32): void {
  if (columns >= 8) {
    if (bias) {
      low = f32x4.add(low, v128.load(bias));
      high = f32x4.add(high, v128.load(bias, 16));
    }
    if (accumulate) {
      low = f32x4.add(low, v128.load(c));
      high = f32x4.add(high, v128.load(c, 16));
    }
    v128.store(c, low);
    v128.store(c, high, 16);
  } else {
    putEdge(c, low, high, bias, accumulate, columns);
  }
}

/** The first `columns` < 8 numbers of a row. */
function putEdge(c: usize, low: v128, high: v128, bias: usize, accumulate: i32, columns: i32): void {
  for (let i = 0; i < columns; i++) {
    let value = f32x4.extract_lane(low, 0);
    if (bias) value += load<f32>(bias + (<usize>i << 2));
    if (accumulate) value += load<f32>(c + (<usize>i << 2));
    store<f32>(c + (<usize>i << 2), value);
    low = i == 3 ? high : v128.shuffle<f32>(low, low, 1, 2, 3, 0);
  }
}

/** c[0…3][0…cols−1] ← four rows of A times the panels at b, each `depth` deep. */
export function rowsTimesPanels(
  c: usize, width: usize, a: usize, rowStep: usize, last: i32, b: usize, depth: i32, k: i32, cols: i32,
): void {
  const panel = <usize>depth * LINE;
  for (let j = 0; j < cols; j += PANEL, b += panel, c += LINE) {
    tile(c, width, a, rowStep, 4, b, k, 0, 0, last + 1, PANEL);
  }
}
