/** Weighted sums, steps of averages, and polynomials of a matrix. */
import { expect, test } from 'vitest';
import { expectNear, filled, normals, output, type Subject, tolerance } from './harness.ts';

export function blendContract({ kernels, dtype }: Subject): void {
  const near = tolerance[dtype];

  test.each([0, 1, 5, 131])('blend of %i numbers, apart and in place', (length) => {
    const [x, y, out] = [normals(dtype, length), normals(dtype, length), output(dtype, length)];
    const weighted = (a: number, b: number) => Array.from(x, (value, i) => a * value + b * y[i]!);
    kernels.blend(out, x, y, 0.95, -0.3);
    expectNear('apart', out, weighted(0.95, -0.3), near);
    kernels.blend(out, x, null, 0.7, 0);
    expectNear('of one', out, weighted(0.7, 0), near);
    let expected = weighted(2, 3);
    kernels.blend(x, x, y, 2, 3);
    expectNear('into the first', x, expected, near);
    expected = weighted(0.5, 0.25);
    kernels.blend(y, x, y, 0.5, 0.25);
    expectNear('into the second', y, expected, near);
    expected = Array.from(y, (value) => value * 3);
    kernels.blend(y, y, y, 1, 2);
    expectNear('of itself', y, expected, near);
  });

  test('blend of one number with factor 1 is a copy of all bits', () => {
    const values = [-0, Number.NaN, Infinity, -Infinity, 1e-45, -3e-40, 3e38];
    const [x, out] = [filled(dtype, values), output(dtype, values.length)];
    kernels.blend(out, x, null, 1, 0);
    expect([...out]).toEqual([...x]);
  });

  test.each([0, 1, 5, 131])('approach of %i numbers', (length) => {
    const [average, x] = [normals(dtype, length), normals(dtype, length)];
    const expected = Array.from(average, (value, i) => value + 0.01 * (x[i]! - value));
    kernels.approach(average, x, 0.01);
    expectNear('average', average, expected, near);
  });

  test.each([0, 1, 2, 7, 33])('polynomial of a matrix of size %i', (n) => {
    const [A, p] = [normals(dtype, n * n), normals(dtype, n * n)];
    const expected = Array.from(p, (value, i) => 2.03 * value - 4.8 * A[i]! + (i % (n + 1) === 0 ? 3.4 : 0));
    kernels.polynomial(p, A, n, 3.4, -4.8, 2.03);
    expectNear('p', p, expected, near);
  });
}
