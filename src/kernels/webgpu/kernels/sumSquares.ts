import type { Kernels } from '../../contract.ts';
import { flat, group, kernel, main, run } from '../kernel.ts';
import { fetched, readOnHost, withTemporary } from '../numbers.ts';
import { isForDevice, onProcessor } from '../overlay.ts';
import { exactSum, special } from '../wgsl.ts';

const THREADS = 256;
/** Numbers in one piece of an array; each gives a sum and what rounding took from it. */
const PIECE = 4096;

/** x² is the sum of three numbers without rounding, from the halves of x: h² + 2hl + l². */
const pieces = kernel('sumSquares', {
  writes: ['sums'],
  reads: ['x'],
  sizes: ['n', 'first', 'pieces', 'zero'],
  updates: true,
  code: `${special}${exactSum}
var<workgroup> parts: array<vec2f, ${THREADS}>;
${main(THREADS)} {
  let piece = ${group};
  if (piece >= p.pieces) { return; }
  let end = min(p.n, (piece + 1u) * ${PIECE}u);
  var sum = vec2f();
  for (var i = piece * ${PIECE}u + l; i < end; i += ${THREADS}u) {
    let value = x[p.xAt + i];
    let h = bitcast<f32>(bitcast<u32>(value) & 0xfffff000u);
    let low = value - h;
    sum = plus(plus(plus(sum, h * h), 2.0 * h * low), low * low);
  }
  parts[l] = sum;
  workgroupBarrier();
  for (var s = ${THREADS / 2}u; s > 0u; s >>= 1u) {
    if (l < s) { parts[l] = joined(parts[l], parts[l + s]); }
    workgroupBarrier();
  }
  if (l == 0u) {
    sums[p.sumsAt + 2u * (p.first + piece)] = parts[0].x;
    sums[p.sumsAt + 2u * (p.first + piece) + 1u] = parts[0].y;
  }
}`,
});

/** Below this, squares may be too small for float32. */
const LEAST = 1e-24;

/** Pieces of fixed size are added in order, in float64. Squares out of float32's range are the processor's. */
export const sumSquares: Kernels['sumSquares'] = (arrays) => {
  if (!arrays.every((array) => isForDevice([array]))) return onProcessor('sumSquares')(arrays);
  const counts = arrays.map(({ length }) => Math.ceil(length / PIECE));
  let total = 0;
  withTemporary(2 * counts.reduce((sum, count) => sum + count, 0), (sums) => {
    let first = 0;
    arrays.forEach((x, i) => {
      run(pieces, [sums], [x], [x.length, first, counts[i]!, 0], flat(counts[i]!, 1));
      first += counts[i]!;
    });
    const parts = fetched(sums);
    let next = 0;
    arrays.forEach((x, i) => {
      let ofOne = 0;
      for (let piece = 0; piece < counts[i]!; piece++) ofOne += parts[next++]! + parts[next++]!;
      total += ofOne >= LEAST && Number.isFinite(ofOne) ? ofOne : onProcessor('sumSquares')([readOnHost(x)]);
    });
  });
  return total;
};
