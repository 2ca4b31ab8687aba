import { expect, test } from 'vitest';
import { expectNear, filled, normals, output, type Subject, tolerance, wholeNumbers } from './harness.ts';

/** [outer, length, inner] */
const sizes = [
  [1, 1, 1],
  [1, 7, 1],
  [5, 1, 3],
  [3, 17, 1],
  [2, 5, 4],
  [3, 4, 7],
  [1, 1031, 2],
  [2, 130, 1],
  [0, 3, 2],
  [3, 5, 0],
] as const;

/** The elements of x that reduce to out[o, i], in order. */
function lineOf(x: ArrayLike<number>, o: number, i: number, length: number, inner: number): number[] {
  return Array.from({ length }, (_, a) => x[(o * length + a) * inner + i]!);
}

function eachLine<T>(outer: number, inner: number, f: (o: number, i: number) => T): T[] {
  return Array.from({ length: outer * inner }, (_, at) => f(Math.floor(at / inner), at % inner));
}

export function reduceContract({ kernels, dtype }: Subject): void {
  const near = tolerance[dtype];

  test.each([...sizes, [2, 0, 3], [3, 0, 1]] as const)('sum over (%i, %i, %i)', (outer, length, inner) => {
    const x = normals(dtype, outer * length * inner);
    const out = output(dtype, outer * inner);
    kernels.sum(out, x, outer, length, inner);
    expectNear(
      'sum',
      out,
      eachLine(outer, inner, (o, i) => lineOf(x, o, i, length, inner).reduce((a, b) => a + b, 0)),
      near,
    );
  });

  test.each(sizes)('max over (%i, %i, %i), and the first place of it', (outer, length, inner) => {
    const x = filled(dtype, wholeNumbers(outer * length * inner, 5));
    const [out, index] = [output(dtype, outer * inner), new Int32Array(outer * inner).fill(-1)];
    kernels.max(out, index, x, outer, length, inner);
    const lines = eachLine(outer, inner, (o, i) => lineOf(x, o, i, length, inner));
    expect([...out]).toEqual(lines.map((line) => Math.max(...line)));
    expect([...index]).toEqual(lines.map((line) => line.indexOf(Math.max(...line))));
  });

  test.each(sizes)('cumsum over (%i, %i, %i), both ways', (outer, length, inner) => {
    const x = normals(dtype, outer * length * inner);
    for (const reverse of [false, true]) {
      const out = output(dtype, x.length);
      kernels.cumsum(out, x, outer, length, inner, reverse);
      const expected = new Array<number>(x.length);
      eachLine(outer, inner, (o, i) => {
        const line = lineOf(x, o, i, length, inner);
        line.forEach((_, a) => {
          const part = reverse ? line.slice(a) : line.slice(0, a + 1);
          expected[(o * length + a) * inner + i] = part.reduce((total, value) => total + value, 0);
        });
      });
      expectNear(`reverse ${reverse}`, out, expected, near);
    }
  });

  test('integers', () => {
    const x = Int32Array.of(3, -1, 2, 7, 7, -9);
    const [sum, most, index, running] = [
      new Int32Array(2),
      new Int32Array(2),
      new Int32Array(2),
      new Int32Array(6),
    ];
    kernels.sum(sum, x, 2, 3, 1);
    kernels.max(most, index, x, 2, 3, 1);
    kernels.cumsum(running, x, 2, 3, 1, false);
    expect([sum, most, index, running].map((array) => [...array])).toEqual([
      [4, 5],
      [3, 7],
      [0, 0],
      [3, 2, 4, 7, 14, 5],
    ]);
  });

  test('NaN wins, its first place counts; ±∞', () => {
    const x = filled(dtype, [
      1,
      Number.NaN,
      9,
      Number.NaN,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
      1,
      2,
      Infinity,
      Infinity,
    ]);
    const [out, index] = [output(dtype, 3), new Int32Array(3)];
    kernels.max(out, index, x, 3, 4, 1);
    expect([...out]).toEqual([Number.NaN, -Infinity, Infinity]);
    expect([...index]).toEqual([1, 0, 2]);
    kernels.sum(out, x, 3, 4, 1);
    expect([...out]).toEqual([Number.NaN, -Infinity, Infinity]);
    const columns = output(dtype, 2);
    kernels.sum(columns, filled(dtype, [1, Number.NaN, Infinity, 1]), 1, 2, 2);
    expect([...columns]).toEqual([Infinity, Number.NaN]);
  });

  test('a sum may leave the range of float32 in between', () => {
    const [rows, columns] = [output(dtype, 1), output(dtype, 2)];
    kernels.sum(rows, filled(dtype, [3e38, 1, 3e38, 2, -3e38, 3, -3e38]), 1, 7, 1);
    if (dtype === 'float32') expect(rows[0]! / 3e38).toBeCloseTo(0, 6);
    kernels.sum(columns, filled(dtype, [3e38, 3e38, 3e38, -3e38, -3e38, 2 ** -149, 0, 3e38]), 1, 4, 2);
    expectNear('columns', columns, [3e38, 3e38].map(dtype === 'float32' ? Math.fround : Number), 1e-6);
  });

  test('a long sum of one sign keeps its digits', () => {
    const n = 100_003;
    const out = output(dtype, 1);
    kernels.sum(out, filled(dtype, new Array<number>(n).fill(0.1)), 1, n, 1);
    const tenth = dtype === 'float32' ? Math.fround(0.1) : 0.1;
    expect(Math.abs(out[0]! / (n * tenth) - 1)).toBeLessThan(dtype === 'float32' ? 1e-7 : 1e-10);
  });
}
