/** WGSL of the gradient of attention; see attentionText.ts. */
import {
  BLOCK,
  bring,
  common,
  dot,
  eachVector,
  head,
  near,
  own,
  rowsOf,
  settings,
  stridesOf,
  THREADS,
} from './attentionText.ts';
import { kernel, main } from './kernel.ts';

/** rowsum(dY ⊙ Y) of each query, beside its maximum and sum: what the gradients need of a row. */
export const statisticsOf = kernel('attentionRows', {
  writes: ['rows'],
  reads: ['dy', 'y', 'max_', 'sum_'],
  sizes: ['H', 'T', 'D', 'total', ...stridesOf('dy', 'y')],
  code: `
${main(THREADS)} {
  let row = (w.y * g.x + w.x) * ${THREADS}u + l;
  if (row >= p.total) { return; }
  let t = row % p.T; let h = row / p.T % p.H; let b = row / p.T / p.H;
  var dot = 0.0;
  for (var d = 0u; d < p.D; d++) {
    dot = fma(dy[p.dyAt + b * p.dyB + h * p.dyH + t * p.dyT + d * p.dyD], y[p.yAt + b * p.yB + h * p.yH + t * p.yT + d * p.yD], dot);
  }
  rows[p.rowsAt + 3u * row] = max_[p.max_At + row];
  rows[p.rowsAt + 3u * row + 1u] = sum_[p.sum_At + row];
  rows[p.rowsAt + 3u * row + 2u] = dot;
}`,
});

/** P and scale·dS of a query and a key. */
const gradients = `
fn probability(score: f32, row: u32) -> f32 {
  let sum = rows[p.rowsAt + 3u * row + 1u];
  return select(exponential(score - rows[p.rowsAt + 3u * row]) / sum, 0.0, sum == 0.0);
}
fn scoreGrad(P: f32, dP: vec4f, keep: f32, row: u32) -> f32 {
  return p.scale * P * ((dP.x + dP.y + dP.z + dP.w) * keep - rows[p.rowsAt + 3u * row + 2u]);
}`;

/** dQ = scale·dS·K, a query for each thread. */
export const queryGradOf = (V: number) =>
  kernel(`attentionGradQ${4 * V}`, {
    writes: ['dq'],
    reads: ['dy', 'rows', 'q', 'k', 'v', 'mask'],
    sizes: [...settings, ...stridesOf('dq', 'dy', 'q', 'k', 'v', 'mask')],
    updates: true,
    code: `${common}${gradients}
${rowsOf(['dy', 'q', 'k', 'v'], ['dq'])}
${near(V, 'k', 'v')}
${main(THREADS)} {
  ${head('p.T')}
  ${own(V, 'q', 'dy', 'dq')}
  ${eachVector(V, 'qOwn[r] = qFour(qRow(b, h, own), r); dyOwn[r] = dyFour(dyRow(b, h, own), r);')}
  let row = w.y * p.T + own;
  for (var first = 0u; first < p.S; first += ${BLOCK}u) {
    ${bring(V, 'p.S', 'k', 'v')}
    for (var j = 0u; j < min(${BLOCK}u, p.S - first); j++) {
      let s = first + j;
      if (!sees(own, s)) { continue; }
      ${dot(V, 'product', 'qOwn', 'k')}
      ${dot(V, 'dP', 'dyOwn', 'v')}
      let P = probability(scoreOf(product, b, h, own, s), row);
      let dS = scoreGrad(P, dP, kept(row * p.S + s), row);
      ${eachVector(V, `dqOwn[r] = fma(vec4f(dS), kNear[j * ${V}u + r], dqOwn[r]);`)}
    }
  }
  if (t0 >= p.T) { return; }
  ${eachVector(V, 'dqStore(dqRow(b, h, own), r, dqOwn[r]);')}
}`,
  });

/** dK = scale·dSᵀ·Q and dV = (P ⊙ M)ᵀ·dY, a key for each thread. */
export const keyGradOf = (V: number) =>
  kernel(`attentionGradKV${4 * V}`, {
    writes: ['dk', 'dv'],
    reads: ['dy', 'rows', 'q', 'k', 'v', 'mask'],
    sizes: [...settings, ...stridesOf('dk', 'dv', 'dy', 'q', 'k', 'v', 'mask')],
    updates: true,
    code: `${common}${gradients}
${rowsOf(['dy', 'q', 'k', 'v'], ['dk', 'dv'])}
${near(V, 'q', 'dy')}
${main(THREADS)} {
  ${head('p.S')}
  ${own(V, 'k', 'v', 'dk', 'dv')}
  ${eachVector(V, 'kOwn[r] = kFour(kRow(b, h, own), r); vOwn[r] = vFour(vRow(b, h, own), r);')}
  for (var first = 0u; first < p.T; first += ${BLOCK}u) {
    ${bring(V, 'p.T', 'q', 'dy')}
    for (var j = 0u; j < min(${BLOCK}u, p.T - first); j++) {
      let t = first + j; let row = w.y * p.T + t;
      if (!sees(t, own)) { continue; }
      ${dot(V, 'product', 'kOwn', 'q')}
      ${dot(V, 'dP', 'vOwn', 'dy')}
      let P = probability(scoreOf(product, b, h, t, own), row);
      let keep = kept(row * p.S + own);
      let dS = scoreGrad(P, dP, keep, row);
      ${eachVector(V, `dkOwn[r] = fma(vec4f(dS), qNear[j * ${V}u + r], dkOwn[r]); dvOwn[r] = fma(vec4f(P * keep), dyNear[j * ${V}u + r], dvOwn[r]);`)}
    }
  }
  if (t0 >= p.S) { return; }
  ${eachVector(V, 'dkStore(dkRow(b, h, own), r, dkOwn[r]); dvStore(dvRow(b, h, own), r, dvOwn[r]);')}
}`,
  });
