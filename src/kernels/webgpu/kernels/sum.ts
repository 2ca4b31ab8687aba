import { flat, group, kernel, main, run } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';
import { joining, sumColumns, THREADS, twice } from '../sumColumns.ts';
import { exactSum, special } from '../wgsl.ts';

const rowsOf = kernel('sumRows', {
  writes: ['out'],
  reads: ['x'],
  sizes: ['rows', 'length', 'zero'],
  code: `${special}${exactSum}${joining}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  ${twice(`
    var sum = vec2f();
    for (var i = l; i < p.length; i += ${THREADS}u) { sum = plus(sum, scale * x[p.xAt + row * p.length + i]); }
    let all = rounded(join(sum, l, 1u));
    if (l == 0u && (trial == 0u || !isFinite(out[p.outAt + row]))) { out[p.outAt + row] = all / scale; }`)}
}`,
});

export const sum = forFloat32('sum', (out, x, outer, length, inner) => {
  if (inner === 1) run(rowsOf, [out], [x], [outer, length, 0], flat(outer, 1));
  else sumColumns(out, x, outer, length, inner);
});
