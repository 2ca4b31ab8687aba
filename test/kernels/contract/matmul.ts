import { expect, test } from 'vitest';
import type { MatmulSizes } from '../../../src/kernels/index.ts';
import { expectNear, filled, normals, output, type Subject, tolerance } from './harness.ts';

/** C by its definition, in float64. */
function reference(
  before: ArrayLike<number>,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bias: ArrayLike<number> | null,
  { batch = 1, m, n, k, transposeA, transposeB, strideA = m * k, strideB = k * n, accumulate }: MatmulSizes,
): number[] {
  return Array.from({ length: batch * m * n }, (_, at) => {
    const [z, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    let total = (bias?.[j] ?? 0) + (accumulate ? before[at]! : 0);
    for (let p = 0; p < k; p++) {
      const left = a[z * strideA + (transposeA ? p * m + i : i * k + p)]!;
      total += left * b[z * strideB + (transposeB ? j * k + p : p * n + j)]!;
    }
    return total;
  });
}

/** [m, n, k] */
const sizes = [
  [1, 1, 1],
  [4, 4, 4],
  [5, 3, 2],
  [1, 7, 13],
  [13, 1, 7],
  [3, 8, 0],
  [0, 4, 3],
  [4, 0, 3],
  [17, 19, 23],
  [33, 9, 65],
  [2, 131, 5],
] as const;
const flags = [false, true];
const transposes = flags.flatMap((transposeA) => flags.map((transposeB) => ({ transposeA, transposeB })));

export function matmulContract({ kernels, dtype }: Subject): void {
  const near = tolerance[dtype];

  const compare = (
    what: string,
    a: ArrayLike<number>,
    b: ArrayLike<number>,
    withBias: boolean,
    matrix: MatmulSizes,
  ) => {
    const { batch = 1, m, n } = matrix;
    const bias = withBias ? normals(dtype, n) : null;
    const c = matrix.accumulate ? normals(dtype, batch * m * n) : output(dtype, batch * m * n);
    const expected = reference([...c], a, b, bias, matrix);
    kernels.matmul(c, filled(dtype, a), filled(dtype, b), bias, matrix);
    expectNear(what, c, expected, near);
  };

  test.each(sizes)('%i×%i, inner %i: every transpose, with and without bias and accumulate', (m, n, k) => {
    const [a, b] = [normals(dtype, m * k), normals(dtype, k * n)];
    for (const transpose of transposes) {
      for (const withBias of flags) {
        for (const accumulate of flags) {
          compare(JSON.stringify({ ...transpose, withBias, accumulate }), a, b, withBias, {
            m,
            n,
            k,
            accumulate,
            ...transpose,
          });
        }
      }
    }
  });

  test.each([
    [0, 3, 5, 2],
    [3, 3, 5, 2],
    [2, 4, 4, 8],
    [5, 1, 1, 3],
  ])('batch of %i, %i×%i, inner %i', (batch, m, n, k) => {
    const [a, b] = [normals(dtype, (batch + 1) * (m * k + 3)), normals(dtype, (batch + 1) * (k * n + 2))];
    for (const transpose of transposes) {
      compare('one after the other', a, b, true, { batch, m, n, k, ...transpose });
      compare('the same A for all', a, b, false, { batch, m, n, k, strideA: 0, ...transpose });
      compare('the same B for all', a, b, false, {
        batch,
        m,
        n,
        k,
        strideB: 0,
        accumulate: true,
        ...transpose,
      });
      compare('both the same', a, b, true, { batch, m, n, k, strideA: 0, strideB: 0, ...transpose });
      compare('with gaps between', a, b, false, {
        batch,
        m,
        n,
        k,
        strideA: m * k + 3,
        strideB: k * n + 2,
        ...transpose,
      });
    }
  });

  test('NaN and ±∞ reach their own row and column only', () => {
    for (const transpose of transposes) {
      const [a, b] = [normals(dtype, 25), normals(dtype, 25)];
      a[6] = Number.NaN;
      a[24] = Infinity;
      b[12] = -Infinity;
      compare(JSON.stringify(transpose), a, b, false, { m: 5, n: 5, k: 5, ...transpose });
    }
  });

  test('inputs stay as they are, and the same call gives the same bits', () => {
    const [a, b] = [normals(dtype, 6 * 7), normals(dtype, 7 * 5)];
    const [before, first, second] = [[...a, ...b], output(dtype, 30), output(dtype, 30)];
    for (const c of [first, second]) kernels.matmul(c, a, b, null, { m: 6, n: 5, k: 7 });
    expect([...a, ...b]).toEqual(before);
    expect([...first]).toEqual([...second]);
  });

  test('accumulating onto zero k adds the bias alone', () => {
    const c = filled(dtype, [1, 2, 3, 4]);
    kernels.matmul(c, filled(dtype, []), filled(dtype, []), filled(dtype, [10, 20]), {
      m: 2,
      n: 2,
      k: 0,
      accumulate: true,
    });
    expect([...c]).toEqual([11, 22, 13, 24]);
  });
}
