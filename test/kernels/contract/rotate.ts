import { test } from 'vitest';
import { expectNear, filled, normals, output, type Subject, tolerance } from './harness.ts';

export function rotateContract({ kernels, dtype }: Subject): void {
  const sizes: [tokens: number, positions: number, heads: number, pairs: number][] = [
    [0, 1, 1, 2],
    [1, 1, 1, 1],
    [3, 3, 2, 1],
    [6, 3, 1, 3],
    [10, 5, 3, 4],
    [4, 2, 2, 5],
    [4, 2, 2, 11],
  ];
  const layouts = ['neighbours', 'halves'] as const;

  test.each(sizes.flatMap((size) => layouts.map((layout) => [...size, layout] as const)))(
    'rotate %i tokens at %i positions, %i heads of %i pairs of %s, and back',
    (tokens, positions, heads, pairs, layout) => {
      const [apart, step] = layout === 'halves' ? [pairs, 1] : [1, 2];
      const x = normals(dtype, tokens * heads * pairs * 2);
      const angles = normals(dtype, positions * pairs, 3);
      const [cos, sin] = [filled(dtype, angles.map(Math.cos)), filled(dtype, angles.map(Math.sin))];
      const expected = new Float64Array(x.length);
      for (let pair = 0; pair < x.length / 2; pair++) {
        const i = pair % pairs;
        const token = Math.floor(pair / (pairs * heads));
        const angle = (token % positions) * pairs + i;
        const at = 2 * (pair - i) + step * i;
        expected[at] = x[at]! * cos[angle]! - x[at + apart]! * sin[angle]!;
        expected[at + apart] = x[at]! * sin[angle]! + x[at + apart]! * cos[angle]!;
      }
      const [y, back] = [output(dtype, x.length), output(dtype, x.length)];
      kernels.rotate(y, x, cos, sin, tokens, positions, heads, pairs, apart, 1);
      expectNear('y', y, expected, tolerance[dtype]);
      kernels.rotate(back, y, cos, sin, tokens, positions, heads, pairs, apart, -1);
      expectNear('back', back, x, tolerance[dtype]);
    },
  );

  test('NaN spoils its own pair only', () => {
    const y = output(dtype, 6);
    const [cos, sin] = [filled(dtype, [0, 1, -1]), filled(dtype, [1, 0, 0])];
    kernels.rotate(y, filled(dtype, [1, 2, Number.NaN, 4, 5, 6]), cos, sin, 1, 1, 1, 3, 1, 1);
    expectNear('y', y, [-2, 1, Number.NaN, Number.NaN, -5, -6], 0);
    kernels.rotate(y, filled(dtype, [1, 2, Number.NaN, 4, 5, 6]), cos, sin, 1, 1, 1, 3, 3, 1);
    expectNear('halves', y, [-4, 2, Number.NaN, 1, 5, Number.NaN], 0);
  });
}
