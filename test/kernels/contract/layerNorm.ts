import { test } from 'vitest';
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
} from './harness.ts';

const total = (row: number[]) => row.reduce((a, b) => a + b, 0);

/** [rows, cols] */
const sizes = [
  [0, 3],
  [1, 1],
  [1, 4],
  [3, 5],
  [2, 17],
  [5, 8],
  [1, 131],
  [7, 6],
] as const;

function layerNormOf(
  x: ArrayLike<number>,
  gain: ArrayLike<number> | null,
  bias: ArrayLike<number> | null,
  cols: number,
  eps: number,
) {
  return rowsOf(x, cols).flatMap((row) => {
    const mean = total(row) / cols;
    const variance = total(row.map((value) => (value - mean) ** 2)) / cols;
    return row.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + eps)) * (gain?.[i] ?? 1) + (bias?.[i] ?? 0),
    );
  });
}

export function layerNormContract({ kernels, dtype }: Subject): void {
  layerNormExtremes({ kernels, dtype });

  test.each(sizes)('layerNorm and its gradient of %i×%i', (rows, cols) => {
    const eps = 1e-2;
    const [x, dy] = [normals(dtype, rows * cols, 2), normals(dtype, rows * cols)];
    for (const [gain, bias] of [
      [normals(dtype, cols), normals(dtype, cols)],
      [null, normals(dtype, cols)],
      [normals(dtype, cols), null],
      [null, null],
    ] as const) {
      const [y, mean, rstd, dx] = [
        output(dtype, rows * cols),
        output(dtype, rows),
        output(dtype, rows),
        output(dtype, rows * cols),
      ];
      kernels.layerNorm(y, mean, rstd, x, gain, bias, rows, cols, eps);
      expectNear('y', y, layerNormOf(x, gain, bias, cols, eps), tolerance[dtype]);
      expectNear(
        'mean',
        mean,
        rowsOf(x, cols).map((row) => total(row) / cols),
        tolerance[dtype],
      );
      const [dgain, dbias] = [gain && output(dtype, cols), bias && output(dtype, cols)];
      kernels.layerNormGrad(dx, dgain, dbias, dy, x, mean, rstd, gain, rows, cols);
      expectNear(
        'dx',
        dx,
        numericGrad((at) => layerNormOf(at, gain, bias, cols, eps), x, dy),
        gradTolerance[dtype],
      );
      if (gain)
        expectNear(
          'dgain',
          dgain!,
          numericGrad((at) => layerNormOf(x, at, bias, cols, eps), gain, dy),
          gradTolerance[dtype],
        );
      if (bias)
        expectNear(
          'dbias',
          dbias!,
          numericGrad((at) => layerNormOf(x, gain, at, cols, eps), bias, dy),
          gradTolerance[dtype],
        );
    }
  });

  test('NaN spoils its own row only; a constant row gives the bias; an offset costs no digits', () => {
    const [y, mean, rstd] = [output(dtype, 9), output(dtype, 3), output(dtype, 3)];
    const x = filled(dtype, [Number.NaN, 1, 2, 5, 5, 5, 4095, 4096, 4097]);
    kernels.layerNorm(y, mean, rstd, x, null, filled(dtype, [1, 2, 3]), 3, 3, 1e-5);
    const far = 1 / Math.sqrt(2 / 3 + 1e-5);
    expectNear('y', y, [Number.NaN, Number.NaN, Number.NaN, 1, 2, 3, 1 - far, 2, 3 + far], tolerance[dtype]);
  });
}

const extremeRows: [row: number[], eps: number][] = [
  [[1e8, 1e8 + 8, 1e8 + 16, 1e8], 1e-5], // float32 sums of these are off by 8
  [[1e19, -1e19, 2e19, 0, 5e18], 1e-5],
  [[1e25, 1e25, -1e25, 3e25], 1e-5],
  [[1e37, -1e37, 2e37, 1e37, 1e37], 1e-5],
  [[3e38, 3e38, 3e38, 3e38, 3e38], 1e-5],
  [[-3e38, -3e38, -3e38, -3.1e38], 1e-5],
  [[1e-25, -1e-25, 2e-25, 0], 0],
  [[1e-40, 0, 2e-40], 1e-12],
];

function layerNormExtremes({ kernels, dtype }: Subject): void {
  test.each(extremeRows)('layerNorm of %j, eps %d, and its gradient', (row, eps) => {
    const x = filled(dtype, row.map(Math.fround));
    const cols = x.length;
    const [y, mean, rstd, dx] = [
      output(dtype, cols),
      output(dtype, 1),
      output(dtype, 1),
      output(dtype, cols),
    ];
    kernels.layerNorm(y, mean, rstd, x, null, null, 1, cols, eps);
    expectNear('y', y, layerNormOf(x, null, null, cols, eps), tolerance[dtype]);
    const dy = filled(
      dtype,
      Array.from(x, (_, i) => 1 + ((3 * i) % 4)),
    );
    kernels.layerNormGrad(dx, null, null, dy, x, mean, rstd, null, 1, cols);
    const normalized = [...x].map((value) => (value - mean[0]!) * rstd[0]!);
    const [meanG, meanGX] = [
      total([...dy]) / cols,
      total(normalized.map((value, i) => value * dy[i]!)) / cols,
    ];
    const slopes = normalized.map((value, i) => dy[i]! - meanG - value * meanGX);
    expectNear(
      'dx/r',
      [...dx].map((d) => d / rstd[0]!),
      slopes,
      10 * tolerance[dtype],
    );
  });
}
