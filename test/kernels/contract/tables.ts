/** Kernels that change tables of parameters in place: embedding rows, AdamW and Lion. */
import { expect, test } from 'vitest';
import { expectNear, filled, normals, output, type Subject, tolerance, wholeNumbers } from './harness.ts';

export function embeddingContract({ kernels, dtype }: Subject): void {
  test.each([
    [1, 1, 1],
    [5, 3, 7],
    [2, 4, 0],
    [3, 0, 4],
    [7, 16, 13],
  ])('table of %i rows of %i, %i indices', (V, width, count) => {
    const [table, indices, dout] = [
      normals(dtype, V * width),
      wholeNumbers(count, V),
      normals(dtype, count * width),
    ];
    const out = output(dtype, count * width);
    kernels.gatherRows(out, table, indices, width);
    expect([...out]).toEqual(
      [...indices].flatMap((index) => [...table.subarray(index * width, (index + 1) * width)]),
    );
    const start = normals(dtype, V * width);
    const expected = Float64Array.from(start);
    dout.forEach((value, at) => {
      expected[indices[Math.floor(at / width)]! * width + (at % width)]! += value;
    });
    kernels.scatterAddRows(start, dout, indices, width);
    expectNear('scatterAddRows', start, expected, tolerance[dtype]);
  });

  test('scatterAddRows adds in the order of the indices, so the bits are known', () => {
    const big = dtype === 'float32' ? 2 ** 24 : 2 ** 53;
    const table = filled(dtype, [0, 0]);
    kernels.scatterAddRows(table, filled(dtype, [big, 1, 1, -big]), Int32Array.of(0, 0, 0, 0), 1);
    expect([...table]).toEqual([0, 0]);
    kernels.scatterAddRows(table, filled(dtype, [big, -big, 1, Number.NaN]), Int32Array.of(0, 0, 0, 1), 1);
    expect([...table]).toEqual([1, Number.NaN]);
  });
}

export function adamWContract({ kernels, dtype }: Subject): void {
  test.each([0, 1, 5, 131])(
    'AdamW of %i numbers over three steps, with and without bias correction',
    (length) => {
      for (const corrected of [false, true]) {
        const [lr, beta1, beta2, eps, weightDecay] = [0.01, 0.9, 0.95, 1e-6, 0.1];
        const [parameter, m, v] = [
          normals(dtype, length),
          filled(dtype, new Array(length).fill(0)),
          filled(dtype, new Array(length).fill(0)),
        ];
        const want = {
          parameter: [...parameter],
          m: new Array<number>(length).fill(0),
          v: new Array<number>(length).fill(0),
        };
        for (let t = 1; t <= 3; t++) {
          const gradient = normals(dtype, length);
          const [correction1, correction2] = corrected ? [1 - beta1 ** t, 1 - beta2 ** t] : [1, 1];
          kernels.adamW(parameter, m, v, gradient, {
            lr,
            beta1,
            beta2,
            eps,
            weightDecay,
            correction1,
            correction2,
          });
          gradient.forEach((g, i) => {
            want.m[i] = beta1 * want.m[i]! + (1 - beta1) * g;
            want.v[i] = beta2 * want.v[i]! + (1 - beta2) * g * g;
            const update = want.m[i]! / correction1 / (Math.sqrt(want.v[i]! / correction2) + eps);
            want.parameter[i] = want.parameter[i]! - lr * weightDecay * want.parameter[i]! - lr * update;
          });
        }
        expectNear('parameter', parameter, want.parameter, tolerance[dtype]);
        expectNear('m', m, want.m, tolerance[dtype]);
        expectNear('v', v, want.v, tolerance[dtype]);
      }
    },
  );

  test('a gradient of NaN reaches its own parameter only', () => {
    const [parameter, m, v] = [filled(dtype, [1, 1]), filled(dtype, [0, 0]), filled(dtype, [0, 0])];
    const step = {
      lr: 0.1,
      beta1: 0.9,
      beta2: 0.99,
      eps: 0,
      weightDecay: 0,
      correction1: 0.1,
      correction2: 0.01,
    };
    kernels.adamW(parameter, m, v, filled(dtype, [Number.NaN, 1]), step);
    expectNear('parameter', parameter, [Number.NaN, 0.9], tolerance[dtype]);
  });
}

export function lionContract({ kernels, dtype }: Subject): void {
  test.each([0, 1, 5, 131])('Lion of %i numbers over three steps', (length) => {
    const step = { lr: 0.01, beta1: 0.9, beta2: 0.98, weightDecay: 0.1 };
    const [parameter, m] = [normals(dtype, length), filled(dtype, new Array(length).fill(0))];
    const want = { parameter: [...parameter], m: [...m] };
    for (let t = 1; t <= 3; t++) {
      const gradient = normals(dtype, length);
      kernels.lion(parameter, m, gradient, step);
      gradient.forEach((g, i) => {
        const direction = Math.sign(0.9 * want.m[i]! + 0.1 * g);
        want.parameter[i] = want.parameter[i]! - 0.01 * (direction + 0.1 * want.parameter[i]!);
        want.m[i] = 0.98 * want.m[i]! + 0.02 * g;
      });
    }
    expectNear('parameter', parameter, want.parameter, tolerance[dtype]);
    expectNear('m', m, want.m, tolerance[dtype]);
  });

  test('Lion stands where gradient and momentum are 0; a NaN reaches its own parameter only', () => {
    const [parameter, m] = [filled(dtype, [1, 1, 1]), filled(dtype, [0, 0, 0])];
    const step = { lr: 0.5, beta1: 0.9, beta2: 0.99, weightDecay: 0 };
    kernels.lion(parameter, m, filled(dtype, [0, Number.NaN, -1e-20]), step);
    expectNear('parameter', parameter, [1, Number.NaN, 1.5], tolerance[dtype]);
  });
}
