/**
 * WGSL of attention, for heads of up to `4·vectors` channels. A thread has a query (or a key) in its registers;
 * the keys (or queries) come by in blocks that the threads of a group share. Passes are named as in
 * js/attention.ts.
 */
import { kernel, main } from './kernel.ts';
import { exponential, random, special } from './wgsl.ts';

/** Threads of a group, and rows of a block. */
export const [THREADS, BLOCK] = [64, 8];

/** Strides of views along batch, head, row and channel. */
export const stridesOf = (...views: string[]) =>
  views.flatMap((view) => [`${view}B`, `${view}H`, `${view}T`, `${view}D`]);
export const settings = [
  ...['H', 'T', 'S', 'D', 'scale: f32', 'causal', 'hasMask', 'seed', 'threshold', 'factor: f32'],
];

/** Functions over views: the place of a row of a head, and four of its channels. */
export const rowsOf = (reads: readonly string[], writes: readonly string[]) => [
  ...[...reads, ...writes].map(
    (x) => `fn ${x}Row(b: u32, h: u32, t: u32) -> u32 { return p.${x}At + b * p.${x}B + h * p.${x}H + t * p.${x}T; }`,
  ),
  ...reads.map(
    (x) => `fn ${x}Four(row: u32, r: u32) -> vec4f {
  var four = vec4f();
  for (var c = 0u; c < 4u; c++) { if (4u * r + c < p.D) { four[c] = ${x}[row + (4u * r + c) * p.${x}D]; } }
  return four;
}`,
  ),
  ...writes.map(
    (x) => `fn ${x}Store(row: u32, r: u32, four: vec4f) {
  for (var c = 0u; c < 4u; c++) { if (4u * r + c < p.D) { ${x}[row + (4u * r + c) * p.${x}D] = four[c]; } }
}`,
  ),
].join('\n'); // biome-ignore format: one list

/** The score of a query and a key from their product, and the factor of dropout. */
const scores = `
fn sees(t: u32, s: u32) -> bool { return p.causal == 0u || s + p.T <= t + p.S; }
fn scoreOf(product: vec4f, b: u32, h: u32, t: u32, s: u32) -> f32 {
  var score = p.scale * (product.x + product.y + product.z + product.w);
  if (p.hasMask == 1u) { score += mask[p.maskAt + b * p.maskB + h * p.maskH + t * p.maskT + s * p.maskD]; }
  return score;
}
fn kept(index: u32) -> f32 { return select(p.factor, 0.0, isDropped(p.seed, index, p.threshold)); }`;

export const common = `${special}${exponential}${random}${scores}`;

/** Rows that come by lie near as `names`, `vectors` to a row. */
export const near = (vectors: number, ...names: string[]) =>
  names.map((name) => `var<workgroup> ${name}Near: array<vec4f, ${BLOCK * vectors}>;`).join('\n');
export const bring = (vectors: number, count: string, ...names: string[]) => `
    workgroupBarrier();
    for (var e = l; e < ${BLOCK * vectors}u; e += ${THREADS}u) {
      let row = min(first + e / ${vectors}u, ${count} - 1u);
      ${names.map((x) => `${x}Near[e] = ${x}Four(${x}Row(b, h, row), e % ${vectors}u);`).join(' ')}
    }
    workgroupBarrier();`;
export const dot = (vectors: number, name: string, own: string, other: string) => `
      var ${name} = vec4f();
      for (var r = 0u; r < ${vectors}u; r++) { ${name} = fma(${own}[r], ${other}Near[j * ${vectors}u + r], ${name}); }`;
export const eachVector = (vectors: number, body: string) =>
  `for (var r = 0u; r < ${vectors}u; r++) { ${body} }`;
export const own = (vectors: number, ...names: string[]) =>
  names.map((name) => `var ${name}Own: array<vec4f, ${vectors}>;`).join(' ');
export const head = (rows: string) => `
  let t0 = w.x * ${THREADS}u + l; let own = min(t0, ${rows} - 1u);
  let h = w.y % p.H; let b = w.y / p.H;`;

/** y, max and sum: passes 1 to 4 in one, as the maximum grows what is summed so far shrinks. */
export const forwardOf = (V: number) =>
  kernel(`attention${4 * V}`, {
    writes: ['y', 'max_', 'sum_'],
    reads: ['q', 'k', 'v', 'mask'],
    sizes: [...settings, ...stridesOf('y', 'q', 'k', 'v', 'mask')],
    updates: true,
    code: `${common}
${rowsOf(['q', 'k', 'v'], ['y'])}
${near(V, 'k', 'v')}
${main(THREADS)} {
  ${head('p.T')}
  ${own(V, 'q', 'y')}
  ${eachVector(V, 'qOwn[r] = qFour(qRow(b, h, own), r);')}
  let index = (w.y * p.T + own) * p.S;
  var m = lowest(); var sum = 0.0;
  for (var first = 0u; first < p.S; first += ${BLOCK}u) {
    ${bring(V, 'p.S', 'k', 'v')}
    for (var j = 0u; j < min(${BLOCK}u, p.S - first); j++) {
      let s = first + j;
      if (!sees(own, s)) { continue; }
      ${dot(V, 'product', 'qOwn', 'k')}
      let score = scoreOf(product, b, h, own, s);
      let most = larger(m, score);
      if (most == lowest()) { continue; }
      let shrink = exponential(m - most); let e = exponential(score - most);
      m = most;
      sum = fma(sum, shrink, e);
      let weight = e * kept(index + s);
      ${eachVector(V, `yOwn[r] = fma(vec4f(weight), vNear[j * ${V}u + r], yOwn[r] * shrink);`)}
    }
  }
  if (t0 >= p.T) { return; }
  ${eachVector(V, 'yStore(yRow(b, h, own), r, select(yOwn[r] / sum, vec4f(), sum == 0.0));')}
  max_[p.max_At + w.y * p.T + own] = m;
  sum_[p.sum_At + w.y * p.T + own] = sum;
}`,
  });
