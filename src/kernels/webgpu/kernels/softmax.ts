import { flat, group, kernel, main, run } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';
import { exponential, logarithm, reduction, special } from '../wgsl.ts';

/** A group of threads works on a row. */
const THREADS = 128;
const eachColumn = `for (var c = l; c < p.cols; c += ${THREADS}u)`;
const maxOfRow = `var m = lowest(); ${eachColumn} { m = larger(m, x[start + c]); } m = most(m, l);`;
const functions = `${special}${exponential}${logarithm}
${reduction('most', THREADS, 'larger(a, b)')}${reduction('total', THREADS, 'a + b')}`;

const softmaxRows = kernel('softmax', {
  writes: ['y'],
  reads: ['x'],
  sizes: ['rows', 'cols'],
  code: `${functions}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let start = p.xAt + row * p.cols; let to = p.yAt + row * p.cols;
  ${maxOfRow}
  var s = 0.0;
  ${eachColumn} { let e = exponential(x[start + c] - m); y[to + c] = e; s += e; }
  s = total(s, l);
  ${eachColumn} { y[to + c] /= s; }
}`,
});

export const softmax = forFloat32('softmax', (y, x, rows, cols) => {
  run(softmaxRows, [y], [x], [rows, cols], flat(rows, 1));
});

const softmaxGradRows = kernel('softmaxGrad', {
  writes: ['dx'],
  reads: ['dy', 'y'],
  sizes: ['rows', 'cols'],
  code: `${functions}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let at = row * p.cols;
  var s = 0.0;
  ${eachColumn} { s = fma(dy[p.dyAt + at + c], y[p.yAt + at + c], s); }
  s = total(s, l);
  ${eachColumn} { dx[p.dxAt + at + c] = y[p.yAt + at + c] * (dy[p.dyAt + at + c] - s); }
}`,
});

export const softmaxGrad = forFloat32('softmaxGrad', (dx, dy, y, rows, cols) => {
  run(softmaxGradRows, [dx], [dy, y], [rows, cols], flat(rows, 1));
});

const logSumExpRows = kernel('logSumExp', {
  writes: ['out'],
  reads: ['x'],
  sizes: ['rows', 'cols'],
  code: `${functions}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let start = p.xAt + row * p.cols;
  ${maxOfRow}
  var s = 0.0;
  ${eachColumn} { s += exponential(x[start + c] - m); }
  s = total(s, l);
  if (l == 0u) { out[p.outAt + row] = select(m, m + logarithm(s), isFinite(m)); } // ±∞ is the answer itself
}`,
});

export const logSumExp = forFloat32('logSumExp', (out, x, rows, cols) => {
  run(logSumExpRows, [out], [x], [rows, cols], flat(rows, 1));
});
