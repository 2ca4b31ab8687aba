/** Attention beside scores of any size: exp(score − max)/sum must not lose the sum to the maximum. */
import ndarray from 'ndarray';
import { test } from 'vitest';
import type { FloatArray, NdArray } from '../../../src/tensor/index.ts';
import { expectNear, filled, normals, output, type Subject, tolerance, wholeNumbers } from './harness.ts';

/** [B, H, T, S, D] */
const shapes = [
  [2, 2, 3, 5, 3],
  [1, 3, 5, 5, 4],
  [2, 1, 7, 3, 2],
  [1, 1, 1, 6, 5],
  [1, 1, 37, 9, 8],
] as const;

/** By the formulas, from all the weights; the scores are q·k + mask. */
function reference(
  [q, k, v, dy]: readonly [FloatArray, FloatArray, FloatArray, FloatArray],
  mask: FloatArray,
  [, , T, S, D]: (typeof shapes)[number],
) {
  const [y, dq, dk, dv] = [q, q, k, v].map(({ length }) => new Float64Array(length)) as [...Float64Array[]];
  const dot = (a: FloatArray, i: number, b: FloatArray, j: number) =>
    Array.from({ length: D }, (_, d) => a[i * D + d]! * b[j * D + d]!).reduce(
      (sum, product) => sum + product,
    );
  for (let row = 0; row < q.length / D; row++) {
    const keys = Array.from({ length: S }, (_, s) => Math.floor(row / T) * S + s);
    const scores = keys.map((key, s) => dot(q, row, k, key) + mask[row * S + s]!);
    const most = Math.max(...scores);
    if (most === -Infinity) continue;
    const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
    const P = scores.map((score) => Math.exp(score - most) / total);
    const dP = keys.map((key) => dot(dy, row, v, key));
    const mean = P.reduce((sum, weight, s) => sum + weight * dP[s]!, 0);
    for (const [s, key] of keys.entries()) {
      const dS = P[s]! * (dP[s]! - mean);
      for (let d = 0; d < D; d++) {
        y![row * D + d]! += P[s]! * v[key * D + d]!;
        dq![row * D + d]! += dS * k[key * D + d]!;
        dk![key * D + d]! += dS * q[row * D + d]!;
        dv![key * D + d]! += P[s]! * dy[row * D + d]!;
      }
    }
  }
  return [y!, dq!, dk!, dv!] as const;
}

/** What is added to the scores. They are multiples of 64, so that the sums are exact in float32. */
const masks: [name: string, mask: (t: number, s: number) => number][] = [
  ['none', () => 0],
  ['−1e9 everywhere', () => -1e9],
  ['−1e9 for some keys', (_t, s) => (s % 2 === 0 ? -1e9 : 0)],
  ['−1e9 and 1e9 by turns', (t) => (t % 2 === 0 ? -1e9 : 1e9)],
  ['−3e38 everywhere', () => -3e38],
  ['3e38 for some keys', (_t, s) => (s % 3 === 0 ? 3e38 : 0)],
  ['the lowest float32 and −∞', (t, s) => (t === 0 || s === 0 ? -Infinity : -(2 - 2 ** -23) * 2 ** 127)],
];

export function attentionExtremes({ kernels, dtype }: Subject): void {
  const view = (data: FloatArray, B: number, H: number, rows: number) =>
    ndarray(data, [B, H, rows, data.length / (B * H * rows)]) as NdArray;

  /** y, dq, dk, dv */
  const run = (
    [q, k, v, dy]: readonly [FloatArray, FloatArray, FloatArray, FloatArray],
    mask: FloatArray | null,
    [B, H, T, S]: readonly number[],
  ) => {
    const options = { scale: 1, causal: false, dropout: null, mask: mask && view(mask, B!, H!, T!) };
    const views = (...[y, dq, dk, dv]: FloatArray[]) => [
      view(y!, B!, H!, T!),
      view(dq!, B!, H!, T!),
      view(dk!, B!, H!, S!),
      view(dv!, B!, H!, S!),
    ] as const; // biome-ignore format: one a line
    const outputs = [q, q, k, v].map(({ length }) => output(dtype, length));
    const [y, dq, dk, dv] = views(...outputs);
    const [dY, Q, K, V] = views(dy, q, k, v);
    const [max, sum] = [output(dtype, B! * H! * T!), output(dtype, B! * H! * T!)];
    kernels.attention(y, max, sum, Q, K, V, options);
    kernels.attentionGrad(dq, dk, dv, dY, y, max, sum, Q, K, V, options);
    return outputs;
  };

  test.each(masks)('a mask of any size: %s', (_name, maskOf) => {
    for (const shape of shapes) {
      const [B, H, T, S, D] = shape;
      const whole = (length: number) =>
        filled(
          dtype,
          wholeNumbers(length, 7).map((value) => 8 * (value - 3)),
        );
      const [queries, keys] = [B * H * T * D, B * H * S * D];
      const inputs = [whole(queries), whole(keys), normals(dtype, keys), normals(dtype, queries)] as const;
      const sums = Array.from({ length: B * H * T * S }, (_, i) => maskOf(Math.floor(i / S) % T, i % S));
      const mask = filled(dtype, sums.map(Math.fround));
      const expected = reference(inputs, mask, shape);
      const got = run(inputs, mask, shape);
      // dq and dk are sums of tens of numbers of size 24
      for (const [i, name] of ['y', 'dq', 'dk', 'dv'].entries())
        expectNear(name, got[i]!, expected[i]!, (i === 0 || i === 3 ? 1 : 20) * tolerance[dtype]);
    }
  });

  test.each([1, 2, 3, 4, 9])('backward finds the very scores of the forward pass: %i queries', (T) => {
    const [S, D] = [21, 7];
    const [q, k, v] = [normals(dtype, T * D, 300), normals(dtype, S * D, 150), normals(dtype, S * D)];
    const dy = filled(dtype, new Array(T * D).fill(1));
    const [, , , dv] = run([q, k, v, dy], null, [1, 1, T, S]);
    const columns = new Float64Array(D);
    dv!.forEach((value, i) => {
      columns[i % D]! += value;
    });
    // the weights of each query sum to 1
    expectNear('Σ dv = Σ dy', columns, new Array(D).fill(T), tolerance[dtype]);
  });
}
