/**
 * Strided copies of 32-bit numbers: line by line where both sides have neighbours along the last axis, in
 * blocks where one is transposed.
 */
import { place } from './elementwise';

/**
 * Elements [from, to) of out ← x, in the index space of ./elementwise; along a line of x the step is 1 or 0.
 */
export function copy(
  out: usize, x: usize, n1: i32, n2: i32, cols: i32,
  o0: i32, o1: i32, o2: i32, x0: i32, x1: i32, x2: i32, stepX: i32,
  from: i32, to: i32,
): void {
  if (from >= to) return;
  let row = from / cols;
  let col = from - row * cols;
  for (let i = from; i < to; col = 0, row++) {
    const n = min(cols - col, to - i);
    const i2 = row % n2;
    const i1 = (row / n2) % n1;
    const i0 = row / n2 / n1;
    const target = place(out, i0, i1, i2, o0, o1, o2, col);
    const source = place(x, i0, i1, i2, x0, x1, x2, col * stepX);
    if (stepX) copyLine(target, source, n);
    else fillLine(target, load<u32>(source), n);
    i += n;
  }
}

@inline
function copyLine(out: usize, x: usize, n: i32): void {
  if (n > 256) {
    memory.copy(out, x, <usize>n << 2);
    return;
  }
  const end = out + (<usize>n << 2);
  for (; out + 16 <= end; out += 16, x += 16) v128.store(out, v128.load(x));
  for (; out < end; out += 4, x += 4) store<u32>(out, load<u32>(x));
}

@inline
function fillLine(out: usize, x: u32, n: i32): void {
  const end = out + (<usize>n << 2);
  for (; out + 16 <= end; out += 16) v128.store(out, i32x4.splat(x));
  for (; out < end; out += 4) store<u32>(out, x);
}

/** How many rows of a transposed copy are done together: one cache line of x. */
@inline const BAND: i32 = 16;

/**
 * out[i0, i1, r, c] ← x[i0, i1, r, c] for rows of `out` that are columns of x: neighbours along c in `out`
 * (stride `outRow` from row to row), along r in x (stride `xCol` from column to column). The range counts
 * bands of 16 rows.
 */
export function transpose(
  out: usize, x: usize, n1: i32, rows: i32, cols: i32,
  o0: i32, o1: i32, outRow: i32, x0: i32, x1: i32, xCol: i32,
  from: i32, to: i32,
): void {
  const bands = (rows + BAND - 1) / BAND;
  for (let band = from; band < to; band++) {
    const first = (band % bands) * BAND;
    const i1 = (band / bands) % n1;
    const i0 = band / bands / n1;
    const target = place(out, i0, i1, first, o0, o1, outRow, 0);
    transposeBand(target, place(x, i0, i1, first, x0, x1, 1, 0), min(BAND, rows - first), cols, outRow, xCol);
  }
}

function transposeBand(out: usize, x: usize, rows: i32, cols: i32, outRow: i32, xCol: i32): void {
  const outStep = <usize>outRow << 2;
  const xStep = <usize>xCol << 2;
  let c = 0;
  for (; c + 4 <= cols; c += 4, x += 4 * xStep, out += 16) {
    let r = 0;
    for (; r + 4 <= rows; r += 4) block(out + <usize>r * outStep, x + (<usize>r << 2), outStep, xStep);
    for (; r < rows; r++) line(out + <usize>r * outStep, x + (<usize>r << 2), 4, xStep);
  }
  for (let r = 0; r < rows; r++) line(out + <usize>r * outStep, x + (<usize>r << 2), cols - c, xStep);
}

/** n neighbours of `out` from as many columns of x */
@inline
function line(out: usize, x: usize, n: i32, xStep: usize): void {
  for (let c = 0; c < n; c++) store<u32>(out + (<usize>c << 2), load<u32>(x + <usize>c * xStep));
}

/** 4×4 */
@inline
function block(out: usize, x: usize, outStep: usize, xStep: usize): void {
  const x0 = v128.load(x);
  const x1 = v128.load(x + xStep);
  const x2 = v128.load(x + 2 * xStep);
  const x3 = v128.load(x + 3 * xStep);
  const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(out + outStep, v128.shuffle<f64>(low01, low23, 1, 3));
  v128.store(out + 2 * outStep, v128.shuffle<f64>(high01, high23, 0, 2));
  v128.store(out + 3 * outStep, v128.shuffle<f64>(high01, high23, 1, 3));
}
