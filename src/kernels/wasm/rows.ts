import type { FloatArray } from '../../tensor/index.ts';
import * as plain from '../js/rows.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ gatherRows: 6, scatterAddRows: 7 });

export function gatherRows(out: FloatArray, table: FloatArray, indices: Int32Array, width: number): void {
  if (!isFloat32(out)) return plain.gatherRows(out, table, indices, width);
  wasm.gatherRows({ total: indices.length, work: out.length }, [out], [table, indices], [width]);
}

/** The work is split by columns, because one row may be meant many times. */
export function scatterAddRows(
  dtable: FloatArray,
  dout: FloatArray,
  indices: Int32Array,
  width: number,
): void {
  if (!isFloat32(dtable)) return plain.scatterAddRows(dtable, dout, indices, width);
  const columns = { total: width, grain: 16, work: 2 * dout.length };
  wasm.scatterAddRows(columns, [dtable], [dout, indices], [indices.length, width]);
}
