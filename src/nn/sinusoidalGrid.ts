import { check, checkFinite, type Tensor, withDefaults, zeros } from '../tensor/index.ts';
import { checkSize } from './checks.ts';

/** The options of `sinusoidalGrid`. */
export interface SinusoidalGridOptions {
  /** The slowest channels turn by about scale/temperature over the image. Default 10000. */
  readonly temperature?: number;
  /** Angle by which the fastest channels turn over the image. Default 2π. */
  readonly scale?: number;
}

/**
 * Positions on an image, the same for any number of pixels: half the channels tell the row, half the column.
 *
 *   P[y, x, 2i] = sin(φ(y, H)/t^(4i/C)),  P[y, x, 2i + 1] = cos(φ(y, H)/t^(4i/C))      for 2i < C/2
 *   and from C/2 on the same of φ(x, W),  with φ(y, H) = scale·(y + 1)/(H + 1e-6)
 *
 * Shapes: height H and width W → (H·W, C), row by row; C is a multiple of 4.
 *
 * Carion et al., "End-to-End Object Detection with Transformers", arXiv:2005.12872, as in its code
 */
export function sinusoidalGrid(
  [H, W]: readonly [height: number, width: number],
  C: number,
  options: SinusoidalGridOptions = {},
): Tensor {
  const { temperature, scale } = withDefaults<Required<SinusoidalGridOptions>>('sinusoidalGrid', options, {
    temperature: 10000,
    scale: 2 * Math.PI,
  });
  checkSize('sinusoidalGrid', { height: H, width: W, 'channels / 4': C / 4 });
  checkFinite('sinusoidalGrid', { temperature, scale });
  check(temperature > 0, 'sinusoidalGrid', 'temperature is > 0', () => `${temperature}`);
  const half = C / 2;
  const rates = Array.from({ length: half }, (_, c) => scale / temperature ** ((c - (c % 2)) / half));
  const code = (at: number, length: number) =>
    rates.map((rate, c) => (c % 2 === 0 ? Math.sin : Math.cos)((rate * (at + 1)) / (length + 1e-6)));
  const rows = Array.from({ length: H }, (_, y) => code(y, H));
  const columns = Array.from({ length: W }, (_, x) => code(x, W));
  const grid = zeros([H * W, C]);
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) grid.data.set([...row, ...column], (y * W + x) * C);
  }
  return grid;
}
