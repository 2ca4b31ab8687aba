/** Kernels that work row by row: softmax, log-sum-exp, cross entropy. */
import { expect, test } from 'vitest';
import type { CrossEntropyOptions } from '../../../src/kernels/index.ts';
import {
  expectNear,
  filled,
  gradTolerance,
  normals,
  numericGrad,
  output,
  rowsOf,
  type Subject,
  tolerance,
  wholeNumbers,
} from './harness.ts';

const total = (row: number[]) => row.reduce((a, b) => a + b, 0);
const softmaxRow = (row: number[]) => row.map((x) => 1 / total(row.map((other) => Math.exp(other - x))));
function logSumExpRow(row: number[]): number {
  const most = Math.max(...row);
  return most + Math.log(total(row.map((x) => Math.exp(x - most))));
}
const softmaxOf = (x: ArrayLike<number>, cols: number) => rowsOf(x, cols).flatMap(softmaxRow);

/** [rows, cols] */
const sizes = [
  [0, 3],
  [1, 1],
  [1, 4],
  [3, 5],
  [2, 17],
  [5, 8],
  [1, 131],
] as const;

export function softmaxContract({ kernels, dtype }: Subject): void {
  test.each(sizes)('softmax, its gradient and logSumExp of %i×%i', (rows, cols) => {
    const [x, dy] = [normals(dtype, rows * cols, 3), normals(dtype, rows * cols)];
    const [y, dx, sums] = [output(dtype, rows * cols), output(dtype, rows * cols), output(dtype, rows)];
    kernels.softmax(y, x, rows, cols);
    expectNear('softmax', y, softmaxOf(x, cols), tolerance[dtype]);
    kernels.softmaxGrad(dx, dy, y, rows, cols);
    expectNear(
      'softmaxGrad',
      dx,
      numericGrad((at) => softmaxOf(at, cols), x, dy),
      gradTolerance[dtype],
    );
    kernels.logSumExp(sums, x, rows, cols);
    expectNear('logSumExp', sums, rowsOf(x, cols).map(logSumExpRow), tolerance[dtype]);
  });

  test.each<[row: number[], y: number[], logSumExp: number]>([
    [[-1e9, -1e9, -1e9], [1 / 3, 1 / 3, 1 / 3], Math.log(3) - 1e9],
    [[-3e38, -Infinity, -3e38, -Infinity, -3e38], [1 / 3, 0, 1 / 3, 0, 1 / 3], -3e38],
    [[3e38, -3e38, 3e38], [0.5, 0, 0.5], 3e38],
    [[1e6, 1e6 - 1], [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E)], 1e6 + Math.log1p(Math.exp(-1))],
    [[2 ** -149, 0, -(2 ** -149), 0], [0.25, 0.25, 0.25, 0.25], Math.log(4)],
    [[-3e38], [1], -3e38],
  ])('softmax of %j, its gradient and logSumExp', (row, expected, logSum) => {
    const cols = row.length;
    const [y, dx, sums] = [output(dtype, cols), output(dtype, cols), output(dtype, 1)];
    kernels.softmax(y, filled(dtype, row), 1, cols);
    expectNear('softmax', y, expected, dtype === 'float32' ? 2e-7 : 1e-15);
    const dy = filled(
      dtype,
      Array.from(row, (_, i) => i - 1.5),
    );
    kernels.softmaxGrad(dx, dy, y, 1, cols);
    const dot = total(expected.map((p, i) => p * dy[i]!));
    expectNear(
      'softmaxGrad',
      dx,
      expected.map((p, i) => p * (dy[i]! - dot)),
      dtype === 'float32' ? 1e-6 : 1e-15,
    );
    kernels.logSumExp(sums, filled(dtype, row), 1, cols);
    expectNear('logSumExp', sums, [logSum], dtype === 'float32' ? 1e-7 : 1e-15);
  });

  test('±1e4, ±∞ and NaN', () => {
    const nan = Number.NaN;
    const rows = [
      [1e4, 1e4, -1e4],
      [-1e4, -1e4, -Infinity],
      [-Infinity, -Infinity, -Infinity],
      [0, nan, 0],
      [0, Infinity, 0],
    ];
    const [y, sums] = [output(dtype, 15), output(dtype, 5)];
    kernels.softmax(y, filled(dtype, rows.flat()), 5, 3);
    expectNear('softmax', y.subarray(0, 12), [0.5, 0.5, 0, 0.5, 0.5, 0, nan, nan, nan, nan, nan, nan], 0);
    expect(y.subarray(12).some(Number.isNaN)).toBe(true);
    kernels.logSumExp(sums, filled(dtype, rows.flat()), 5, 3);
    expectNear('logSumExp', sums, [1e4 + Math.log(2), Math.log(2) - 1e4, -Infinity, nan, Infinity], 1e-6);
  });
}

function crossEntropyOf(
  x: ArrayLike<number>,
  targets: Int32Array,
  cols: number,
  o: CrossEntropyOptions<ArrayLike<number>>,
): number[] {
  return rowsOf(x, cols).map((row, i) => {
    if (targets[i] === o.ignoreIndex) return 0;
    const share = row.map((_, c) => (c === targets[i] ? 1 - o.labelSmoothing : 0) + o.labelSmoothing / cols);
    const logSum = logSumExpRow(row);
    return total(row.map((value, c) => share[c]! * (o.weights?.[c] ?? 1) * (logSum - value)));
  });
}

export function crossEntropyContract({ kernels, dtype }: Subject): void {
  test.each(sizes)('crossEntropy and its gradient of %i×%i', (rows, cols) => {
    const [x, dloss] = [normals(dtype, rows * cols, 2), normals(dtype, rows)];
    const targets = wholeNumbers(rows, cols).map((target, i) => (i === 1 ? -100 : target));
    for (const labelSmoothing of [0, 0.1, 1]) {
      for (const weights of [null, normals(dtype, cols).map(Math.abs)]) {
        const options = { ignoreIndex: -100, labelSmoothing, weights };
        const [loss, max, sum] = [output(dtype, rows), output(dtype, rows), output(dtype, rows)];
        const dx = output(dtype, rows * cols);
        kernels.crossEntropy(loss, max, sum, x, targets, rows, cols, options);
        expectNear('loss', loss, crossEntropyOf(x, targets, cols, options), tolerance[dtype]);
        kernels.crossEntropyGrad(dx, dloss, x, max, sum, targets, rows, cols, options);
        expectNear(
          'dx',
          dx,
          numericGrad((at) => crossEntropyOf(at, targets, cols, options), x, dloss),
          gradTolerance[dtype],
        );
      }
    }
  });

  /** Scores, and the loss of the last class. */
  const extremes: [scores: number[], loss: number][] = [
    [[1e6, 1e6 - 1, 1e6 + 0.5], Math.log(Math.exp(-0.5) + Math.exp(-1.5) + 1)],
    [[-1e9, -1e9, -1e9], Math.log(3)],
    [[-1e9, 0, -1e9], 1e9],
    [[3e38, 3e38, -3e38, 3e38], Math.log(3)],
    [[3e38, -3e38, -3e38], 2 * Math.fround(3e38)], // beyond float32: ∞
    [[-3e38, -3e38], Math.log(2)],
    [[-Infinity, -3e38], 0],
    [[2 ** -149, -(2 ** -149), 0, 0, 0], Math.log(5)],
    [[7e37], 0],
  ];

  test.each(extremes.map(([scores, loss]) => [scores.join(', '), scores, loss] as const))(
    'crossEntropy of %s, and its gradient: size costs no digits',
    (_name, scores, expected) => {
      const x = filled(dtype, scores.map(Math.fround));
      const cols = x.length;
      const most = Math.max(...x);
      const exps = [...x].map((value) => Math.exp(value - most));
      const minusLog = [...x].map((value) => most - value + Math.log(total(exps)));
      const target = Int32Array.of(cols - 1);
      for (const [w, smoothing] of [
        [1, 0],
        [0.5, 0],
        [1, 0.1],
        [0.5, 0.1],
      ] as const) {
        const weights = w === 1 ? null : filled(dtype, new Array(cols).fill(w));
        const options = { ignoreIndex: -100, labelSmoothing: smoothing, weights };
        const [loss, max, sum, dx] = [
          output(dtype, 1),
          output(dtype, 1),
          output(dtype, 1),
          output(dtype, cols),
        ];
        kernels.crossEntropy(loss, max, sum, x, target, 1, cols, options);
        const smooth = smoothing === 0 ? 0 : (smoothing / cols) * total(minusLog);
        const want = w * ((1 - smoothing) * expected + smooth);
        expectNear('loss', loss, [dtype === 'float32' ? Math.fround(want) : want], tolerance[dtype]);
        kernels.crossEntropyGrad(dx, filled(dtype, [1]), x, max, sum, target, 1, cols, options);
        const slopes = exps.map(
          (e, c) => w * (e / total(exps) - (c === cols - 1 ? 1 - smoothing : 0) - smoothing / cols),
        );
        expectNear('dx', dx, slopes, dtype === 'float32' ? 2e-7 : 1e-15);
      }
    },
  );

  test('an ignored row of NaN is ignored; a class inside the range can be ignored; ±1e4, −∞, NaN', () => {
    const x = [Number.NaN, Number.NaN, 0, -Infinity, 1e4, -1e4, -1e4, 1e4, 0, Number.NaN];
    const [loss, max, sum, dx] = [output(dtype, 5), output(dtype, 5), output(dtype, 5), output(dtype, 10)];
    const [targets, options] = [
      Int32Array.of(1, 0, 0, 0, 0),
      { ignoreIndex: 1, labelSmoothing: 0, weights: null },
    ];
    kernels.crossEntropy(loss, max, sum, filled(dtype, x), targets, 5, 2, options);
    expect([...loss]).toEqual([0, 0, 0, 2e4, Number.NaN]);
    kernels.crossEntropyGrad(
      dx,
      filled(dtype, [1, 1, 1, 1, 1]),
      filled(dtype, x),
      max,
      sum,
      targets,
      5,
      2,
      options,
    );
    expect([...dx].map((value) => value + 0)).toEqual([0, 0, 0, 0, 0, 0, -1, 1, Number.NaN, Number.NaN]);
  });
}
