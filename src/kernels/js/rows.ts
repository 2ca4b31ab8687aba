import type { FloatArray } from '../../tensor/index.ts';

export function gatherRows(out: FloatArray, table: FloatArray, indices: Int32Array, width: number): void {
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    out.set(table.subarray(from, from + width), i * width);
  }
}

export function scatterAddRows(dtable: FloatArray, dout: FloatArray, indices: Int32Array, width: number): void {
  for (let i = 0; i < indices.length; i++) {
    const to = indices[i]! * width;
    const from = i * width;
    for (let j = 0; j < width; j++) dtable[to + j]! += dout[from + j]!;
  }
}
