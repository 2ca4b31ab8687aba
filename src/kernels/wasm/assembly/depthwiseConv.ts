/** Depthwise convolution of sequences (B, T, C), four channels at a time; see ../../js/depthwiseConv.ts. */
import { all, madd } from './simd';
import { demote, loadFirst, promoteHigh, storeFirst } from './vectors';

/**
 * Rows from … to − 1 of the B·T: out[t] ← Σⱼ x[t + j − ⌊k/2⌋]·w[j] + bias. `flip` walks the other way, x[t −
 * j + ⌊k/2⌋], which is the gradient of x.
 */
export function depthwiseConvRows(
  out: usize, x: usize, weight: usize, bias: usize, T: i32, C: i32, k: i32, flip: i32, from: i32, to: i32,
): void {
  const line = <usize>C << 2;
  const half = k >> 1;
  for (let row = from; row < to; row++) {
    const t = row % T;
    // places j of the window that lie within the sequence
    const first = max(0, flip ? t + half - T + 1 : half - t);
    const end = min(k, flip ? t + half + 1 : T + half - t);
    const step = flip ? -<isize>line : <isize>line;
    const start = x + <usize>(row + (flip ? half - first : first - half)) * line;
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2;
      let sum = bias != 0 ? loadFirst(bias + at, C - c, 0) : all(0);
      let source = start + at;
      let w = weight + <usize>first * line + at;
      for (let j = first; j < end; j++, source += step, w += line)
        sum = madd(loadFirst(source, C - c, 0), loadFirst(w, C - c, 0), sum);
      storeFirst(out + <usize>row * line + at, sum, C - c);
    }
  }
}

/**
 * Channels from … to − 1 of the gradient of the weight: dw[j] ← Σ dy[t]·x[t + j − ⌊k/2⌋]. One sequence is
 * summed in float32, the sequences in float64.
 */
export function depthwiseConvColumns(
  dweight: usize, dy: usize, x: usize, B: i32, T: i32, C: i32, k: i32, from: i32, to: i32,
): void {
  const line = <usize>C << 2;
  const half = k >> 1;
  for (let j = 0; j < k; j++) {
    const first = max(0, half - j);
    const end = min(T, T + half - j);
    for (let c = from; c < to; c += 4) {
      const at = <usize>c << 2;
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (let b = 0; b < B; b++) {
        let sum = all(0);
        let g = dy + <usize>(b * T + first) * line + at;
        let source = x + <usize>(b * T + first + j - half) * line + at;
        for (let t = first; t < end; t++, g += line, source += line)
          sum = madd(loadFirst(g, to - c, 0), loadFirst(source, to - c, 0), sum);
        low = f64x2.add(low, f64x2.promote_low_f32x4(sum));
        high = f64x2.add(high, promoteHigh(sum));
      }
      storeFirst(dweight + <usize>j * line + at, demote(low, high), to - c);
    }
  }
}
