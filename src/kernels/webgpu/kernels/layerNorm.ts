import type { Memory } from '../../../tensor/index.ts';
import { flat, group, kernel, main, run } from '../kernel.ts';
import { withTemporary } from '../numbers.ts';
import { forFloat32 } from '../overlay.ts';
import { sumColumns } from '../sumColumns.ts';
import { reduction } from '../wgsl.ts';

const THREADS = 128;
const eachColumn = `for (var c = l; c < p.cols; c += ${THREADS}u)`;
const gains = `fn gainOf(c: u32) -> f32 { if (p.hasGain == 0u) { return 1.0; } return gain[p.gainAt + c]; }`;

const rowsOf = kernel('layerNorm', {
  writes: ['y', 'mean', 'rstd'],
  reads: ['x', 'gain', 'bias'],
  sizes: ['rows', 'cols', 'eps: f32', 'hasGain', 'hasBias'],
  code: `${reduction('total', THREADS, 'a + b')}${gains}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let start = p.xAt + row * p.cols; let to = p.yAt + row * p.cols; let n = f32(p.cols);
  var s = 0.0;
  ${eachColumn} { s += x[start + c] / n; }
  let mu = total(s, l);
  s = 0.0;
  ${eachColumn} { s += (x[start + c] - mu) / n; }
  let rest = total(s, l); // what rounding took from the mean
  var scale = 1.0;
  s = 0.0;
  ${eachColumn} { let d = (x[start + c] - mu) - rest; s = fma(d, d / n, s); }
  var variance = total(s, l) + p.eps;
  if (variance < 1e-30 || variance > 1e37) { // squares out of range: scaled by a power of two
    scale = select(1.1805916207174113e21, 8.470329472543003e-22, variance > 1e37);
    s = 0.0;
    ${eachColumn} { let d = ((x[start + c] - mu) - rest) * scale; s = fma(d, d / n, s); }
    variance = total(s, l) + p.eps * scale * scale;
  }
  let r = scale / sqrt(variance);
  ${eachColumn} {
    var value = ((x[start + c] - mu) - rest) * r * gainOf(c);
    if (p.hasBias == 1u) { value += bias[p.biasAt + c]; }
    y[to + c] = value;
  }
  if (l == 0u) { mean[p.meanAt + row] = mu + rest; rstd[p.rstdAt + row] = r; }
}`,
});

export const layerNorm = forFloat32('layerNorm', (y, mean, rstd, x, gain, bias, rows, cols, eps) => {
  const sizes = [rows, cols, eps, Number(gain !== null), Number(bias !== null)];
  run(rowsOf, [y, mean, rstd], [x, gain, bias], sizes, flat(rows, 1));
});

const gradOfRows = kernel('layerNormGrad', {
  writes: ['dx'],
  reads: ['dy', 'x', 'mean', 'rstd', 'gain'],
  sizes: ['rows', 'cols', 'hasGain'],
  code: `${reduction('total', THREADS, 'a + b')}${gains}
${main(THREADS)} {
  let row = ${group};
  if (row >= p.rows) { return; }
  let at = row * p.cols; let mu = mean[p.meanAt + row]; let r = rstd[p.rstdAt + row]; let n = f32(p.cols);
  var s = 0.0; var t = 0.0;
  ${eachColumn} {
    let d = dy[p.dyAt + at + c] * gainOf(c);
    s += d;
    t = fma(d, (x[p.xAt + at + c] - mu) * r, t);
  }
  let meanD = total(s, l) / n;
  let meanDX = total(t, l) / n;
  ${eachColumn} {
    let d = dy[p.dyAt + at + c] * gainOf(c);
    dx[p.dxAt + at + c] = r * (d - meanD - (x[p.xAt + at + c] - mu) * r * meanDX);
  }
}`,
});

const gainTerms = kernel('layerNormGradGain', {
  writes: ['terms'],
  reads: ['dy', 'x', 'mean', 'rstd'],
  sizes: ['n', 'cols'],
  code: `${main(256)} {
  let i = ${group} * 256u + l;
  if (i >= p.n) { return; }
  let row = i / p.cols;
  terms[p.termsAt + i] = dy[p.dyAt + i] * ((x[p.xAt + i] - mean[p.meanAt + row]) * rstd[p.rstdAt + row]);
}`,
});

export const layerNormGrad = forFloat32(
  'layerNormGrad',
  (dx, dgain, dbias, dy, x, mean, rstd, gain, rows, cols) => {
    run(gradOfRows, [dx], [dy, x, mean, rstd, gain], [rows, cols, Number(gain !== null)], flat(rows, 1));
    if (dgain !== null)
      withTemporary(rows * cols, (terms: Memory) => {
        run(gainTerms, [terms], [dy, x, mean, rstd], [rows * cols, cols], flat(rows * cols, 256));
        sumColumns(dgain, terms, 1, rows, cols);
      });
    if (dbias !== null) sumColumns(dbias, dy, 1, rows, cols);
  },
);
