import { expect, test } from 'vitest';
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

/** [rows, cols]: more than one block of rows, and columns that are no whole vectors. */
const sizes = [
  [0, 3],
  [1, 1],
  [1, 4],
  [3, 5],
  [2, 17],
  [5, 8],
  [37, 6],
  [1, 131],
] as const;

const rstdOf = (row: number[], eps: number) =>
  1 / Math.sqrt(row.reduce((total, value) => total + value * value, 0) / row.length + eps);

function rmsNormOf(
  x: ArrayLike<number>,
  gain: ArrayLike<number> | null,
  cols: number,
  eps: number,
): number[] {
  return rowsOf(x, cols).flatMap((row) => row.map((value, i) => value * rstdOf(row, eps) * (gain?.[i] ?? 1)));
}

export function rmsNormContract({ kernels, dtype }: Subject): void {
  const [near, nearGrad] = [tolerance[dtype], gradTolerance[dtype]];

  test.each(sizes)('rmsNorm and its gradient of %i×%i', (rows, cols) => {
    const eps = 1e-2;
    const [x, dy] = [normals(dtype, rows * cols, 2), normals(dtype, rows * cols)];
    for (const gain of [normals(dtype, cols), null]) {
      const [y, rstd, dx] = [output(dtype, rows * cols), output(dtype, rows), output(dtype, rows * cols)];
      kernels.rmsNorm(y, rstd, x, gain, rows, cols, eps);
      expectNear('y', y, rmsNormOf(x, gain, cols, eps), near);
      const rstds = rowsOf(x, cols).map((row) => rstdOf(row, eps));
      expectNear('rstd', rstd, rstds, near);
      const dgain = gain && output(dtype, cols);
      kernels.rmsNormGrad(dx, dgain, dy, x, rstd, gain, rows, cols);
      const gradOfX = numericGrad((at) => rmsNormOf(at, gain, cols, eps), x, dy);
      expectNear('dx', dx, gradOfX, nearGrad);
      if (gain === null) continue;
      const gradOfGain = numericGrad((at) => rmsNormOf(x, at, cols, eps), gain, dy);
      expectNear('dgain', dgain!, gradOfGain, nearGrad);
      const again = output(dtype, rows * cols);
      kernels.rmsNormGrad(again, null, dy, x, rstd, gain, rows, cols);
      expect([...again], 'dx without dgain').toEqual([...dx]);
    }
  });

  test.each([1e19, 1e30, 3e38, 1e-25])('rmsNorm of numbers of size %d, and its gradient', (size) => {
    const x = filled(dtype, [size, -size, size / 2, 0, size / 4]);
    const [y, rstd, dx] = [output(dtype, 5), output(dtype, 1), output(dtype, 5)];
    kernels.rmsNorm(y, rstd, x, null, 1, 5, 0);
    expectNear('y', y, rmsNormOf([1, -1, 0.5, 0, 0.25], null, 5, 0), near);
    kernels.rmsNormGrad(dx, null, filled(dtype, [1, 2, 3, 4, 5]), x, rstd, null, 1, 5);
    const slopes = numericGrad((at) => rmsNormOf(at, null, 5, 0), [1, -1, 0.5, 0, 0.25], [1, 2, 3, 4, 5]);
    const got = [...dx].map((value) => value * size);
    expectNear('dx', got, slopes, size === 3e38 && dtype === 'float32' ? 1e-5 : nearGrad); // there dx is denormal
  });

  test('NaN spoils its own row only; zeros stay zeros; squares beyond float32 do not overflow', () => {
    const [y, rstd] = [output(dtype, 8), output(dtype, 4)];
    const x = filled(dtype, [Number.NaN, 1, 0, 0, 3e25, 4e25, 3e-4, -4e-4]);
    kernels.rmsNorm(y, rstd, x, null, 4, 2, 1e-12);
    const unit = Math.sqrt(0.5);
    const small = 1 / Math.sqrt(12.5e-8 + 1e-12);
    const nan = Number.NaN;
    expectNear(
      'y',
      y,
      [nan, nan, 0, 0, 1.2 * unit, 1.6 * unit, 3e-4 * small, -4e-4 * small],
      tolerance[dtype],
    );
  });
}
