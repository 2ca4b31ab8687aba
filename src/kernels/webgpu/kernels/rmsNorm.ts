import { flat, group, kernel, main, run, thread } from '../kernel.ts';
import { withTemporary } from '../numbers.ts';
import { forFloat32 } from '../overlay.ts';
import { sumColumns } from '../sumColumns.ts';
import { reduction } from '../wgsl.ts';

/** A group of threads works on a row. */
const THREADS = 128;
const eachColumn = `for (var c = l; c < p.cols; c += ${THREADS}u)`;
const gains = `fn gainOf(c: u32) -> f32 { if (p.hasGain == 0u) { return 1.0; } return gain[p.gainAt + c]; }`;

const rowsOf = kernel('rmsNorm', {
  writes: ['y', 'rstd'],
  reads: ['x', 'gain'],
  sizes: ['rows', 'cols', 'eps: f32', 'hasGain'],
  code: `${reduction('total', THREADS, 'a + b')}${gains}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let start = p.xAt + row * p.cols; let to = p.yAt + row * p.cols; let n = f32(p.cols);
  var scale = 1.0;
  var s = 0.0;
  ${eachColumn} { let v = x[start + c]; s = fma(v, v / n, s); }
  var square = total(s, l) + p.eps;
  if (square < 1e-30 || square > 1e37) { // squares out of range: scaled by a power of two
    scale = select(1.1805916207174113e21, 8.470329472543003e-22, square > 1e37);
    s = 0.0;
    ${eachColumn} { let v = x[start + c] * scale; s = fma(v, v / n, s); }
    square = total(s, l) + p.eps * scale * scale;
  }
  let r = 1.0 / sqrt(square);
  ${eachColumn} { y[to + c] = (x[start + c] * scale) * r * gainOf(c); }
  if (l == 0u) { rstd[p.rstdAt + row] = scale * r; }
}`,
});

export const rmsNorm = forFloat32('rmsNorm', (y, rstd, x, gain, rows, cols, eps) => {
  run(rowsOf, [y, rstd], [x, gain], [rows, cols, eps, Number(gain !== null)], flat(rows, 1));
});

const gradOfRows = kernel('rmsNormGrad', {
  writes: ['dx'],
  reads: ['dy', 'x', 'rstd', 'gain'],
  sizes: ['rows', 'cols', 'hasGain'],
  code: `${reduction('total', THREADS, 'a + b')}${gains}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let at = row * p.cols; let r = rstd[p.rstdAt + row];
  var s = 0.0;
  ${eachColumn} { s = fma(dy[p.dyAt + at + c] * gainOf(c), x[p.xAt + at + c] * r, s); }
  let meanGX = total(s, l) / f32(p.cols);
  ${eachColumn} {
    dx[p.dxAt + at + c] = r * (dy[p.dyAt + at + c] * gainOf(c) - x[p.xAt + at + c] * r * meanGX);
  }
}`,
});

const gainTerms = kernel('rmsNormGradGain', {
  writes: ['terms'],
  reads: ['dy', 'x', 'rstd'],
  sizes: ['n', 'cols'],
  code: `${main(256)} {
  let i = ${thread(256)};
  if (i >= p.n) { return; }
  terms[p.termsAt + i] = dy[p.dyAt + i] * (x[p.xAt + i] * rstd[p.rstdAt + i / p.cols]);
}`,
});

export const rmsNormGrad = forFloat32('rmsNormGrad', (dx, dgain, dy, x, rstd, gain, rows, cols) => {
  run(gradOfRows, [dx], [dy, x, rstd, gain], [rows, cols, Number(gain !== null)], flat(rows, 1));
  if (dgain === null) return;
  withTemporary(rows * cols, (terms) => {
    run(gainTerms, [terms], [dy, x, rstd], [rows * cols, cols], flat(rows * cols, 256));
    sumColumns(dgain, terms, 1, rows, cols);
  });
});
