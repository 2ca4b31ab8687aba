import type { Memory } from '../../../tensor/index.ts';
import { flat, kernel, main, run, thread } from '../kernel.ts';
import { readOnHost } from '../numbers.ts';
import { forFloat32 } from '../overlay.ts';

const THREADS = 256;

const gathered = kernel('gatherRows', {
  writes: ['out'],
  reads: ['table', 'indices: i32'],
  sizes: ['n', 'width'],
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let row = u32(indices[p.indicesAt + i / p.width]);
  out[p.outAt + i] = table[p.tableAt + row * p.width + i % p.width];
}`,
});

export const gatherRows = forFloat32('gatherRows', (out, table, indices, width) => {
  run(gathered, [out], [table, indices], [out.length, width], flat(out.length, THREADS));
});

/** Segment s: the places order[start[s]] … of dout, all for one row. A thread adds up a column of it. */
const scattered = kernel('scatterAddRows', {
  writes: ['dtable'],
  reads: ['dout', 'segments: u32', 'order: u32'],
  sizes: ['n', 'width'],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let s = 3u * (i / p.width); let column = i % p.width;
  let at = p.dtableAt + segments[s] * p.width + column;
  var sum = dtable[at];
  for (var j = segments[s + 1u]; j < segments[s + 2u]; j++) {
    sum += dout[p.doutAt + order[j] * p.width + column];
  }
  dtable[at] = sum;
}`,
});

/** Without atomics, whose order is chance: the host, which has the indices, sorts their places by row. */
export const scatterAddRows = forFloat32('scatterAddRows', (dtable, dout, indices, width) => {
  if (width === 0) return;
  const { segments, order } = sortedByRow(readOnHost(indices), dtable.length / width);
  const threads = (segments.length / 3) * width;
  run(scattered, [dtable], [dout, segments, order], [threads, width], flat(threads, THREADS));
});

/** Counting sort, which keeps the order of equals. A segment is a row, and where its places begin and end. */
function sortedByRow(indices: ArrayLike<number>, rows: number): { segments: Memory; order: Memory } {
  const next = new Int32Array(rows + 1);
  for (let i = 0; i < indices.length; i++) next[indices[i]! + 1]!++;
  const segments: number[] = [];
  for (let row = 0; row < rows; row++) {
    const count = next[row + 1]!;
    next[row + 1] = next[row]! + count;
    if (count > 0) segments.push(row, next[row]!, next[row + 1]!);
  }
  const order = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) order[next[indices[i]!]!++] = i;
  return { segments: Int32Array.from(segments), order };
}
