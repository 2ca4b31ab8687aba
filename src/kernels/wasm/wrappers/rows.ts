import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ gatherRows: 6, scatterAddRows: 7 });

export const gatherRows = forFloat32('gatherRows', (out, table, indices, width) => {
  wasm.gatherRows({ total: indices.length, work: out.length }, [out], [table, indices], [width]);
});

/** The work is split by columns, because one row may be meant many times. */
export const scatterAddRows = forFloat32('scatterAddRows', (dtable, dout, indices, width) => {
  const columns = { total: width, grain: 16, work: 2 * dout.length };
  wasm.scatterAddRows(columns, [dtable], [dout, indices], [indices.length, width]);
});
