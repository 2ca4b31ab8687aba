import type { FloatArray } from '../../tensor/index.ts';

/**
 * Looks up rows of a table: out[i, :] ← table[indices[i], :]. This is the forward of an embedding, where a
 * row of the table is the vector of one token.
 *
 * Output: out (N, C).
 * Inputs: table (V, C), indices (N), each in [0, V); C = `width`.
 */
export function gatherRows(out: FloatArray, table: FloatArray, indices: Int32Array, width: number): void {
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    out.set(table.subarray(from, from + width), i * width);
  }
}

/**
 * The gradient of `gatherRows`. forward: out[i, :] = table[indices[i], :], so dtable[indices[i], :] +=
 * dout[i, :]: a row that was looked up several times adds up several gradients, in the order of i; a row that
 * was never looked up gets none.
 *
 * `dtable` (V, C) is input and output: the kernel adds to it.
 * Inputs: dout (N, C), indices (N); C = `width`.
 */
export function scatterAddRows(
  dtable: FloatArray,
  dout: FloatArray,
  indices: Int32Array,
  width: number,
): void {
  for (let i = 0; i < indices.length; i++) {
    const to = indices[i]! * width;
    const from = i * width;
    for (let j = 0; j < width; j++) dtable[to + j]! += dout[from + j]!;
  }
}
