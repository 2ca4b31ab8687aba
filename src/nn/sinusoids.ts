import { check, type DType, getDefaultDtype, type Shape, show, type Tensor, zeros } from '../tensor/index.ts';

interface SinusoidOptions {
  readonly base: number;
  readonly amplitude: number;
  /** The position that a row is for. Default: its number. */
  readonly position?: (row: number) => number;
  readonly dtype?: DType;
}

/** A table of amplitude·sin (even columns) and cos (odd columns) of p/base^(2i/C), for positions p. */
export function sinusoids(shape: Shape, options: SinusoidOptions): Tensor {
  check(shape.length === 2, 'sinusoids', 'a table of positions is (T, C)', () => show(shape));
  const { base, amplitude, position = (row) => row, dtype = getDefaultDtype() } = options;
  const [T, C] = shape as [number, number];
  const table = zeros(shape, { dtype });
  for (let c = 0; c < C; c++) {
    const divisor = base ** ((c - (c % 2)) / C);
    for (let row = 0; row < T; row++) {
      const angle = position(row) / divisor;
      table.data[row * C + c] = amplitude * (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return table;
}
