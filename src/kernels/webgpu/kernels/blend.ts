import { flat, kernel, main, run, thread } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';

const THREADS = 256;

/** What `out` already holds is not read from a second buffer: an operand that is `out` itself says so. */
const blended = kernel('blend', {
  writes: ['out'],
  reads: ['x', 'y'],
  sizes: ['n', 'ofX: f32', 'ofY: f32', 'xIsOut', 'yIsOut', 'hasY'],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let at = p.outAt + i;
  var a = out[at];
  if (p.xIsOut == 0u) { a = x[p.xAt + i]; }
  if (p.hasY == 0u) { // a copy is one of bits, denormals too
    if (p.ofX != 1.0) { a *= p.ofX; }
    out[at] = a;
    return;
  }
  var b = out[at];
  if (p.yIsOut == 0u) { b = y[p.yAt + i]; }
  out[at] = p.ofX * a + p.ofY * b;
}`,
});

export const blend = forFloat32('blend', (out, x, y, ofX, ofY) => {
  const isOut = [x === out, y === out].map(Number);
  const reads = [x, y].map((operand) => (operand === out ? null : operand));
  run(blended, [out], reads, [out.length, ofX, ofY, ...isOut, Number(y !== null)], flat(out.length, THREADS));
});

const approached = kernel('approach', {
  writes: ['average'],
  reads: ['x'],
  sizes: ['n', 'share: f32'],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let at = p.averageAt + i;
  average[at] += p.share * (x[p.xAt + i] - average[at]);
}`,
});

export const approach = forFloat32('approach', (average, x, share) => {
  run(approached, [average], [x], [average.length, share], flat(average.length, THREADS));
});

const evaluated = kernel('polynomial', {
  writes: ['p_'],
  reads: ['A'],
  sizes: ['n', 'a: f32', 'b: f32', 'c: f32'],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n * p.n) { return; }
  let at = p.p_At + i;
  let terms = p.b * A[p.AAt + i] + p.c * p_[at];
  p_[at] = select(terms, terms + p.a, i % (p.n + 1u) == 0u);
}`,
});

export const polynomial = forFloat32('polynomial', (p, A, n, a, b, c) => {
  run(evaluated, [p], [A], [n, a, b, c], flat(n * n, THREADS));
});
