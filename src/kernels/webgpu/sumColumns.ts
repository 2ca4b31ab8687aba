import type { Memory } from '../../tensor/index.ts';
import { flat, group, kernel, main, run } from './kernel.ts';
import { withTemporary } from './numbers.ts';
import { exactSum, special } from './wgsl.ts';

/** Threads of a group. */
export const THREADS = 256;
/** Rows that a group adds up, the threads that share a column of them, and the columns of a group. */
const [CHUNK, LANES, COLUMNS] = [256, 4, 64];

/** Sums of pairs, over the threads that are `step` apart. */
export const joining = `
var<workgroup> sums: array<vec2f, ${THREADS}>;
fn join(sum: vec2f, l: u32, step: u32) -> vec2f {
  sums[l] = sum;
  workgroupBarrier();
  for (var s = ${THREADS / 2}u; s >= step; s >>= 1u) {
    if (l < s) { sums[l] = joined(sums[l], sums[l + s]); }
    workgroupBarrier();
  }
  return sums[l];
}`;

/** What leaves the range of float32 on the way is summed once more, scaled down. */
export const twice = (sum: string) => `
  for (var trial = 0u; trial < 2u; trial++) {
    let scale = select(1.0, 5.421010862427522e-20, trial == 1u); // 2⁻⁶⁴
    ${sum}
  }`;

const columnsOf = kernel('sumColumns', {
  writes: ['out'],
  reads: ['x'],
  sizes: ['outer', 'length', 'inner', 'blocks', 'chunks', 'zero'],
  code: `${special}${exactSum}${joining}
${main(THREADS)} {
  let column = (${group} % p.blocks) * ${COLUMNS}u + l % ${COLUMNS}u;
  let chunk = ${group} / p.blocks % p.chunks; let outer = ${group} / p.blocks / p.chunks;
  if (outer >= p.outer) { return; }
  let end = min(p.length, (chunk + 1u) * ${CHUNK}u);
  ${twice(`
    var sum = vec2f();
    if (column < p.inner) {
      for (var i = chunk * ${CHUNK}u + l / ${COLUMNS}u; i < end; i += ${LANES}u) {
        sum = plus(sum, scale * x[p.xAt + (outer * p.length + i) * p.inner + column]);
      }
    }
    let all = rounded(join(sum, l, ${COLUMNS}u));
    if (l < ${COLUMNS}u && column < p.inner) {
      let at = p.outAt + (outer * p.chunks + chunk) * p.inner + column;
      if (trial == 0u || !isFinite(out[at])) { out[at] = all / scale; }
    }`)}
}`,
});

/** Sums over the middle axis: chunks of it, then those sums likewise; the order depends on the sizes alone. */
export function sumColumns(out: Memory, x: Memory, outer: number, length: number, inner: number): void {
  const chunks = Math.max(1, Math.ceil(length / CHUNK));
  const blocks = Math.ceil(inner / COLUMNS);
  const into = (sums: Memory) =>
    run(columnsOf, [sums], [x], [outer, length, inner, blocks, chunks, 0], flat(blocks * chunks * outer, 1));
  if (chunks === 1) return into(out);
  withTemporary(outer * chunks * inner, (parts) => {
    into(parts);
    sumColumns(out, parts, outer, chunks, inner);
  });
}
