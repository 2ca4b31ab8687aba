import { check, type DType, getDefaultDtype, persistentZeros, type Tensor } from '../tensor/index.ts';
import { PositionTables } from './internal/positionTables.ts';

/**
 * ALiBi, attention with linear biases: a `mask` for attention that lowers a score more, the farther away its
 * key is; each head has a rate of its own. It takes the place of positions in the input.
 *
 *   bias[h, t, s] = −slopeₕ·|t + S − T − s|,  slopeₕ = 2^(−8h/H) for h = 1 … H
 *
 * So the last query stands at the last key, and keys on either side count by their distance. If H is no power
 * of two, the slopes are those of the power n below it, then every other one of 2n.
 *
 * Shapes: (H, T, S), for T queries and S keys. No gradient. Memory holds one row of biases per head; the
 * result is a view that shifts back by one for each query (stride −1). All calls share the rows, so do not
 * change them.
 *
 * Press, Smith & Lewis, "Train Short, Test Long: Attention with Linear Biases Enables Input Length
 * Extrapolation", arXiv:2108.12409
 */
export function alibi(heads: number, T: number, S: number, dtype: DType = getDefaultDtype()): Tensor {
  check(
    [heads, T, S].every(Number.isInteger) && heads >= 1 && T >= 0 && S >= 0,
    'alibi',
    'heads ≥ 1, T and S are whole numbers',
    () => `${heads}, ${T}, ${S}`,
  );
  check(dtype !== 'int32', 'alibi', 'the dtype is float32 or float64', () => dtype);
  const table = tables.get(`${dtype} ${heads}`, Math.max(T, S), (length) => makeTable(heads, length, dtype));
  const row = table.shape[1]!;
  const here = (row - 1) / 2; // distance 0
  return table.strided([heads, T, S], [row, -1, 1], here - (S - T));
}

/** The slopes 2^(−8h/H) of the heads h = 1 … H, or those of the authors where H is no power of two. */
export function alibiSlopes(heads: number): number[] {
  const power = 2 ** Math.floor(Math.log2(heads));
  const geometric = (count: number) => Array.from({ length: count }, (_, h) => 2 ** ((-8 * (h + 1)) / count));
  const between = geometric(2 * power).filter((_, h) => h % 2 === 0);
  return [...geometric(power), ...between.slice(0, heads - power)];
}

/** The biases at the distances −length … length, for each head. */
const tables = new PositionTables<Tensor>();

function makeTable(heads: number, length: number, dtype: DType): Tensor {
  const row = 2 * length + 1;
  const table = persistentZeros([heads, row], dtype, 'alibi');
  for (const [h, slope] of alibiSlopes(heads).entries()) {
    for (let j = 0; j < row; j++) table.data[h * row + j] = -slope * Math.abs(j - length);
  }
  return table;
}
