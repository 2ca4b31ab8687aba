import {
  check,
  checkWhole,
  type DType,
  getDefaultDtype,
  persistentZeros,
  type Tensor,
} from '../tensor/index.ts';
import { PositionTables } from './internal/positionTables.ts';

/**
 * Sliding window: a `mask` for attention that hides keys which are `window` positions away from the query, or
 * farther. With causal attention each query sees the last `window` positions, itself among them; without, as
 * many on either side.
 *
 *   bias[t, s] = 0 where |t + S − T − s| < window, else −∞
 *
 * So the last query stands at the last key. Blocks in a chain see farther: the last of L reaches back
 * L·(window − 1) positions.
 *
 * Shapes: (T, S), for T queries and S keys. No gradient. Memory holds one row of biases; the result is a view
 * that shifts back by one for each query (stride −1). All calls share the row, so do not change it.
 *
 * Beltagy, Peters & Cohan, "Longformer", arXiv:2004.05150; causal: Jiang et al., "Mistral 7B",
 * arXiv:2310.06825
 */
export function slidingWindow(
  window: number,
  T: number,
  S: number,
  dtype: DType = getDefaultDtype(),
): Tensor {
  checkWhole('slidingWindow', { window }, 1);
  checkWhole('slidingWindow', { T, S });
  check(dtype !== 'int32', 'slidingWindow', 'the dtype is float32 or float64', () => dtype);
  const row = rows.get(`${dtype} ${window}`, Math.max(T, S), (length) => makeRow(window, length, dtype));
  const here = (row.size - 1) / 2; // distance 0
  return row.strided([T, S], [-1, 1], here - (S - T));
}

/** The biases at the distances −length … length. */
const rows = new PositionTables<Tensor>();

function makeRow(window: number, length: number, dtype: DType): Tensor {
  const row = persistentZeros([2 * length + 1], dtype, 'slidingWindow');
  for (const j of row.data.keys()) if (Math.abs(j - length) >= window) row.data[j] = Number.NEGATIVE_INFINITY;
  return row;
}
