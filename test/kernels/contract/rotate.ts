import { test } from 'vitest';
import { expectNear, filled, normals, output, type Subject, tolerance } from './harness.ts';

export function rotateContract({ kernels, dtype }: Subject): void {
  test.each([
    [0, 1, 1, 2],
    [1, 1, 1, 1],
    [3, 3, 2, 1],
    [6, 3, 1, 3],
    [10, 5, 3, 4],
    [4, 2, 2, 5],
  ])(
    'rotate %i tokens at %i positions, %i heads of %i pairs, and back',
    (tokens, positions, heads, pairs) => {
      const x = normals(dtype, tokens * heads * pairs * 2);
      const angles = normals(dtype, positions * pairs, 3);
      const [cos, sin] = [filled(dtype, angles.map(Math.cos)), filled(dtype, angles.map(Math.sin))];
      const expected = new Float64Array(x.length);
      for (let at = 0; at < x.length; at += 2) {
        const i = (at / 2) % pairs;
        const token = Math.floor(at / (2 * pairs * heads));
        const angle = (token % positions) * pairs + i;
        expected[at] = x[at]! * cos[angle]! - x[at + 1]! * sin[angle]!;
        expected[at + 1] = x[at]! * sin[angle]! + x[at + 1]! * cos[angle]!;
      }
      const [y, back] = [output(dtype, x.length), output(dtype, x.length)];
      kernels.rotate(y, x, cos, sin, tokens, positions, heads, pairs, 1);
      expectNear('y', y, expected, tolerance[dtype]);
      kernels.rotate(back, y, cos, sin, tokens, positions, heads, pairs, -1);
      expectNear('back', back, x, tolerance[dtype]);
    },
  );

  test('NaN spoils its own pair only', () => {
    const y = output(dtype, 6);
    const [cos, sin] = [filled(dtype, [0, 1, -1]), filled(dtype, [1, 0, 0])];
    kernels.rotate(y, filled(dtype, [1, 2, Number.NaN, 4, 5, 6]), cos, sin, 1, 1, 1, 3, 1);
    expectNear('y', y, [-2, 1, Number.NaN, Number.NaN, -5, -6], 0);
  });
}
