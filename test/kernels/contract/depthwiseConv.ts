import { test } from 'vitest';
import {
  expectNear,
  gradTolerance,
  normals,
  numericGrad,
  output,
  type Subject,
  tolerance,
} from './harness.ts';

/** y[b, t, c] = Σⱼ x[b, t + j − ⌊k/2⌋, c]·w[j, c] + bias[c] */
function convolved(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  bias: ArrayLike<number> | null,
  [B, T, C, k]: readonly number[],
): number[] {
  const y: number[] = [];
  for (let b = 0; b < B!; b++)
    for (let t = 0; t < T!; t++)
      for (let c = 0; c < C!; c++) {
        let sum = bias?.[c] ?? 0;
        for (let j = 0; j < k!; j++) {
          const at = t + j - (k! - 1) / 2;
          if (at >= 0 && at < T!) sum += x[(b * T! + at) * C! + c]! * w[j * C! + c]!;
        }
        y.push(sum);
      }
  return y;
}

export function depthwiseConvContract({ kernels, dtype }: Subject): void {
  test.each([
    [0, 3, 2, 3],
    [1, 1, 1, 1],
    [2, 5, 3, 3],
    [1, 7, 4, 5],
    [3, 4, 9, 7],
    [2, 3, 17, 15],
  ] as const)('depthwise convolution of %i sequences of %i, %i channels, kernel %i', (B, T, C, k) => {
    const sizes = [B, T, C, k] as const;
    const [x, w, bias, dy] = [
      normals(dtype, B * T * C),
      normals(dtype, k * C),
      normals(dtype, C),
      normals(dtype, B * T * C),
    ];
    for (const b of [bias, null]) {
      const y = output(dtype, x.length);
      kernels.depthwiseConv(y, x, w, b, ...sizes);
      expectNear('y', y, convolved(x, w, b, sizes), tolerance[dtype]);
    }
    const [dx, dw] = [output(dtype, x.length), output(dtype, w.length)];
    kernels.depthwiseConvGrad(dx, dy, w, ...sizes);
    expectNear(
      'dx',
      dx,
      numericGrad((x) => convolved(x, w, null, sizes), x, dy),
      gradTolerance[dtype],
    );
    kernels.depthwiseConvWeightGrad(dw, dy, x, ...sizes);
    expectNear(
      'dw',
      dw,
      numericGrad((w) => convolved(x, w, null, sizes), w, dy),
      gradTolerance[dtype],
    );
  });

  test('NaN spoils what sees it only', () => {
    const [x, w] = [normals(dtype, 10), normals(dtype, 6)];
    x[4] = Number.NaN; // t = 2, c = 0
    const y = output(dtype, 10);
    kernels.depthwiseConv(y, x, w, null, 1, 5, 2, 3);
    expectNear('y', y, convolved(x, w, null, [1, 5, 2, 3]), tolerance[dtype]);
  });
}
