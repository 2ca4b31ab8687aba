import { check, type Shape, show, type Tensor, zeros } from '../tensor/index.ts';

/** A table of amplitude·sin (even columns) and cos (odd columns) of p/base^(2i/C), for positions p. */
export function sinusoids(shape: Shape, { base, amplitude }: { base: number; amplitude: number }): Tensor {
  check(shape.length === 2, 'sinusoids', 'a table of positions is (T, C)', () => show(shape));
  const [T, C] = shape as [number, number];
  const table = zeros(shape);
  for (let p = 0; p < T; p++) {
    for (let c = 0; c < C; c++) {
      const angle = p / base ** ((c - (c % 2)) / C);
      table.data[p * C + c] = amplitude * (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return table;
}
