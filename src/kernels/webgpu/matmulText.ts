/** WGSL of matrix products. */
import { kernel, main, thread } from './kernel.ts';

/** Threads along each side of a tile of C, and the depth that is brought near at once. */
const [SIDE, THREADS, DEPTH] = [16, 256, 8];

/**
 * C = op(A)·op(B) (+ bias) (+ C), a tile for each group of threads: `each`×`each` numbers for a thread, in
 * registers. Parts of A and B, (DEPTH, side) both, lie near in the order in which they are used. With
 * `kChunk`, group z sums up a piece of k of its own instead of a matrix of a batch.
 */
const tiles = (each: 4 | 8) => {
  const side = SIDE * each;
  const vectors = each / 4;
  const load = (near: string, lines: string, first: string, source: string) => `
    for (var e = l; e < ${DEPTH * side}u; e += ${THREADS}u) {
      let along = ${source}Lines == 1u;
      let line = select(e / ${DEPTH}u, e % ${side}u, along); let depth = select(e % ${DEPTH}u, e / ${side}u, along);
      var value = 0.0;
      if (${first} + line < ${lines} && k0 + depth < end) {
        value = ${source}[${source}From + (${first} + line) * ${source}Lines + (k0 + depth) * ${source}Depths];
      }
      ${near}
    }`;
  return kernel(`matmul${each}`, {
    writes: ['C'],
    reads: ['A', 'B', 'bias'],
    sizes: [
      ...['m', 'n', 'k', 'transposeA', 'transposeB', 'nextA', 'nextB', 'kChunk'],
      ...['hasBias', 'accumulates'],
    ],
    updates: true,
    code: `
var<workgroup> nearA: array<f32, ${DEPTH * side}>;
var<workgroup> nearB: array<vec4f, ${(DEPTH * side) / 4}>;
${main(THREADS)} {
  let m0 = w.y * ${side}u; let n0 = w.x * ${side}u;
  let tx = l % ${SIDE}u; let ty = l / ${SIDE}u;
  let ALines = select(p.k, 1u, p.transposeA == 1u); let ADepths = select(1u, p.m, p.transposeA == 1u);
  let BLines = select(1u, p.k, p.transposeB == 1u); let BDepths = select(p.n, 1u, p.transposeB == 1u);
  let AFrom = p.AAt + w.z * p.nextA; let BFrom = p.BAt + w.z * p.nextB;
  let start = w.z * p.kChunk;
  let end = select(p.k, min(p.k, start + p.kChunk), p.kChunk > 0u);
  var c: array<vec4f, ${each * vectors}>;
  for (var k0 = start; k0 < end; k0 += ${DEPTH}u) {
    ${load(`nearA[depth * ${side}u + line] = value;`, 'p.m', 'm0', 'A')}
    ${load(`nearB[depth * ${side / 4}u + line / 4u][line % 4u] = value;`, 'p.n', 'n0', 'B')}
    workgroupBarrier();
    for (var d = 0u; d < ${DEPTH}u; d++) {
      var b: array<vec4f, ${vectors}>;
      for (var j = 0u; j < ${vectors}u; j++) { b[j] = nearB[d * ${side / 4}u + tx + j * ${SIDE}u]; }
      for (var i = 0u; i < ${each}u; i++) {
        let a = vec4f(nearA[d * ${side}u + ty * ${each}u + i]);
        for (var j = 0u; j < ${vectors}u; j++) { c[i * ${vectors}u + j] = fma(a, b[j], c[i * ${vectors}u + j]); }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < ${each}u; i++) {
    let row = m0 + ty * ${each}u + i;
    for (var j = 0u; j < ${vectors}u; j++) {
      for (var e = 0u; e < 4u; e++) {
        let col = n0 + (tx + j * ${SIDE}u) * 4u + e;
        if (row >= p.m || col >= p.n) { continue; }
        let at = p.CAt + (w.z * p.m + row) * p.n + col;
        var value = c[i * ${vectors}u + j][e];
        if (p.hasBias == 1u) { value += bias[p.biasAt + col]; }
        if (p.accumulates == 1u) { value += C[at]; }
        C[at] = value;
      }
    }
  }
}`,
  });
};
/** For tiles of 64×64 and of 128×128 numbers. */
export const [small, large] = [tiles(4), tiles(8)];

/** Sums up the pieces of k, in order. */
export const joined = kernel('matmulPieces', {
  writes: ['C'],
  reads: ['parts', 'bias'],
  sizes: ['size', 'n', 'pieces', 'hasBias', 'accumulates'],
  updates: true,
  code: `${main(256)} {
  let i = ${thread(256)};
  if (i >= p.size) { return; }
  var sum = 0.0;
  for (var piece = 0u; piece < p.pieces; piece++) { sum += parts[p.partsAt + piece * p.size + i]; }
  if (p.hasBias == 1u) { sum += bias[p.biasAt + i % p.n]; }
  if (p.accumulates == 1u) { sum += C[p.CAt + i]; }
  C[p.CAt + i] = sum;
}`,
});
