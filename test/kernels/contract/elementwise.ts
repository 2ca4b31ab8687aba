import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { type BinaryName, uniform } from '../../../src/kernels/index.ts';
import {
  elements,
  expectNear,
  filled,
  layouts,
  normals,
  output,
  type Subject,
  tolerance,
} from './harness.ts';

const operators: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  eq: (a, b) => Number(a === b),
  neq: (a, b) => Number(a !== b),
  lt: (a, b) => Number(a < b),
  leq: (a, b) => Number(a <= b),
  gt: (a, b) => Number(a > b),
  geq: (a, b) => Number(a >= b),
};

const shapes = [[], [0], [1], [7], [3, 0], [3, 5], [2, 3, 5], [2, 3, 1, 5]];
const lengths = [0, 1, 3, 4, 17, 1031];
const special = [0, -0, 1, -1, -2.5, Infinity, -Infinity, Number.NaN];

export function elementwiseContract({ kernels, dtype }: Subject): void {
  const near = tolerance[dtype];

  test.each(shapes.map((shape) => [shape]))(
    'copy, addTo: shape [%j], every layout to every layout',
    (shape) => {
      const values = normals(
        dtype,
        shape.reduce((size, length) => size * length, 1),
      );
      const start = normals(dtype, values.length);
      for (const [from, x] of layouts(dtype, shape, values)) {
        for (const [to, out] of layouts(dtype, shape, start)) {
          kernels.addTo(out, x);
          expectNear(
            `addTo ${from} → ${to}`,
            elements(out),
            start.map((value, i) => value + values[i]!),
            near,
          );
          kernels.copy(out, x);
          expect(elements(out), `copy ${from} → ${to}`).toEqual([...values]);
        }
      }
    },
  );

  test('copy converts between number types', () => {
    const view = (data: Float32Array | Float64Array | Int32Array) =>
      ndarray(data, [3]) as ndarray.NdArray<Int32Array>;
    const out = output(dtype, 3);
    kernels.copy(view(out), view(Int32Array.of(-3, 0, 2 ** 24)));
    expect([...out]).toEqual([-3, 0, 2 ** 24]);
    const whole = new Int32Array(3);
    kernels.copy(view(whole), view(filled(dtype, [-3, 0, 7])));
    expect([...whole]).toEqual([-3, 0, 7]);
    kernels.copy(view(out), view(Float64Array.of(0.1, 1e300, Number.NaN)));
    expect([...out]).toEqual(
      dtype === 'float64' ? [0.1, 1e300, Number.NaN] : [Math.fround(0.1), Infinity, Number.NaN],
    );
  });

  test('what addTo adds may be broadcast with stride 0', () => {
    const out = filled(dtype, [1, 2, 3, 4, 5, 6]);
    kernels.addTo(ndarray(out, [2, 3]), ndarray(filled(dtype, [10, 20, 30]), [2, 3], [0, 1]));
    expect([...out]).toEqual([11, 22, 33, 14, 25, 36]);
  });

  test.each(Object.entries(operators))('binary %s', (name, f) => {
    const a = normals(dtype, 15).map((value) => Math.abs(value));
    const b = a.map((value, i) => (i % 3 === 0 ? value : value + i - 7));
    const expected = [...a].map((value, i) => f(value, b[i]!));
    for (const [layoutA, x] of layouts(dtype, [3, 5], a)) {
      for (const [layoutB, y] of layouts(dtype, [3, 5], b)) {
        const [[, out]] = layouts(dtype, [3, 5], a) as [[string, typeof x]];
        kernels.binary(name as BinaryName, out, x, y);
        expectNear(`${layoutA} ∘ ${layoutB}`, elements(out), expected, near);
      }
    }
  });

  test.each(Object.entries(operators))('binary %s of 0, ±∞ and NaN; broadcast; in place', (name, f) => {
    const n = special.length;
    const data = filled(dtype, special);
    const out = output(dtype, n * n);
    kernels.binary(
      name as BinaryName,
      ndarray(out, [n, n]),
      ndarray(data, [n, n], [1, 0]),
      ndarray(data, [n, n], [0, 1]),
    );
    expectNear(
      'a ∘ b',
      out,
      special.flatMap((a) => special.map((b) => f(a, b))),
      near,
    );
    kernels.binary(name as BinaryName, ndarray(data, [n]), ndarray(data, [n]), ndarray(data, [n]));
    expectNear(
      'in place',
      data,
      special.map((a) => f(a, a)),
      near,
    );
  });

  const cubic = {
    name: 'contract',
    f: (x: number, parameter: number) => x * x * x + parameter * x,
    df: (x: number, y: number, parameter: number) => (x === 0 ? parameter : (3 * y) / x - 2 * parameter),
  };

  test.each(lengths)('map and mapWithSlope of %i elements; df gets x, y and the parameter', (length) => {
    const x = normals(dtype, length);
    const [y, again, slope] = [output(dtype, length), output(dtype, length), output(dtype, length)];
    kernels.map(y, x, cubic, 0.5);
    expectNear(
      'map',
      y,
      [...x].map((value) => cubic.f(value, 0.5)),
      near,
    );
    kernels.mapWithSlope(again, slope, x, cubic, 0.5);
    expect(again).toEqual(y);
    expectNear(
      'mapWithSlope',
      slope,
      [...x].map((value) => 3 * value * value + 0.5),
      near,
    );
  });

  test('map of 0, ±∞ and NaN', () => {
    const y = output(dtype, special.length);
    kernels.map(
      y,
      filled(dtype, special),
      { name: 'contractTanh', f: Math.tanh, df: (_x, y) => 1 - y * y },
      0,
    );
    expectNear('tanh', y, special.map(Math.tanh), near);
  });

  test.each(lengths)('scale, sumSquares of %i elements', (length) => {
    const x = normals(dtype, length);
    const before = [...x];
    const squares = before.reduce((total, value) => total + value * value, 0);
    expect(Math.abs(kernels.sumSquares([x]) - squares)).toBeLessThanOrEqual(1e-12 * squares);
    kernels.scale(x, -1.5);
    expectNear(
      'scale',
      x,
      before.map((value) => -1.5 * value),
      near,
    );
  });

  test('sumSquares of several arrays adds up what each has, to the bit, wherever it lies', () => {
    expect(kernels.sumSquares([])).toBe(0);
    const arrays = [3, 0, 4097, 1, 9000, 4096].map((length) => normals(dtype, length, 3));
    const onHeap = arrays.map((x, i) => (i % 2 === 0 ? x.slice() : x));
    const oneByOne = arrays.reduce((total, x) => total + kernels.sumSquares([x]), 0);
    expect(kernels.sumSquares(arrays)).toBe(oneByOne);
    expect(kernels.sumSquares(onHeap)).toBe(oneByOne);
    expect(kernels.sumSquares([arrays[0]!, arrays[0]!])).toBe(2 * kernels.sumSquares([arrays[0]!]));
  });

  test('sumSquares neither overflows float32 nor hides NaN', () => {
    expect(kernels.sumSquares([filled(dtype, [1e25, 1e25])]) / 2e50).toBeCloseTo(1, 6);
    expect(kernels.sumSquares([filled(dtype, [1, Number.NaN])])).toBeNaN();
    expect(kernels.sumSquares([filled(dtype, [1, -Infinity])])).toBe(Infinity);
  });

  test.each(lengths)('dropout of %i elements keeps what `keeps` says', (length) => {
    const x = normals(dtype, length);
    for (const [p, seed] of [
      [0, 1],
      [0.3, -77],
      [0.9, 2 ** 31 - 1],
    ] as const) {
      const y = output(dtype, length);
      kernels.dropout(y, x, p, seed);
      expectNear(
        `p = ${p}`,
        y,
        [...x].map((value, i) => (uniform(seed, i) < p ? 0 : value / (1 - p))),
        near,
      );
    }
  });

  test.each(lengths)('bernoulliGate of %i elements opens as `keeps` says', (length) => {
    const x = normals(dtype, length);
    const probability = filled(
      dtype,
      Array.from({ length }, (_, i) => [0, 1, 0.5, 0.3, 2 ** -20, 1 - 2 ** -20, Number.NaN][i % 7]!),
    );
    for (const seed of [1, -77, 2 ** 31 - 1]) {
      const y = output(dtype, length);
      kernels.bernoulliGate(y, x, probability, seed);
      const expected = [...x].map((value, i) => (uniform(seed, i) >= probability[i]! ? 0 : value));
      expect([...y]).toEqual(expected);
      [...x].forEach((value, i) => {
        if (i % 7 === 0) expect(y[i], 'probability 0').toBe(0);
        if (i % 7 === 1 || i % 7 === 6) expect(y[i], 'probability 1 or NaN').toBe(value);
      });
    }
  });

  test('bernoulliGate decides at the last bit of the uniform number', () => {
    const [length, seed] = [16, 5];
    const x = filled(dtype, new Array(length).fill(3));
    const exact = Array.from({ length }, (_, i) => uniform(seed, i));
    const y = output(dtype, length);
    kernels.bernoulliGate(y, x, filled(dtype, exact), seed);
    const rounded = filled(dtype, exact); // in float32 to either side
    expect([...y]).toEqual(exact.map((u, i) => (u >= rounded[i]! ? 0 : 3)));
    if (dtype === 'float64') expect(new Set(y)).toEqual(new Set([0]));
  });
}
