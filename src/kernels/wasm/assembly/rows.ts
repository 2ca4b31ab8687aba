/** Rows of a table by their indices. */
import { loadFirst, storeFirst } from './vectors';

/** out[i, :] ← table[indices[i], :] */
export function gatherRows(out: usize, table: usize, indices: usize, width: i32, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const source = table + <usize>load<i32>(indices + (<usize>i << 2)) * (<usize>width << 2);
    const target = out + <usize>i * (<usize>width << 2);
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      storeFirst(target + at, loadFirst(source + at, width - j, 0), width - j);
    }
  }
}

/**
 * dtable[indices[i], j] += dout[i, j] in the order of i, for columns from … to − 1: each is one thread's
 * alone.
 */
export function scatterAddRows(
  dtable: usize, dout: usize, indices: usize, count: i32, width: i32, from: i32, to: i32,
): void {
  for (let i = 0; i < count; i++) {
    const source = dout + <usize>i * (<usize>width << 2);
    const target = dtable + <usize>load<i32>(indices + (<usize>i << 2)) * (<usize>width << 2);
    for (let j = from; j < to; j += 4) {
      const at = <usize>j << 2;
      const sum = f32x4.add(loadFirst(target + at, to - j, 0), loadFirst(source + at, to - j, 0));
      storeFirst(target + at, sum, to - j);
    }
  }
}
