import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, empty, show, type Tensor, zeroed } from '../tensor/index.ts';
import { checkIndices, checkTensors, floats, integers } from './operands.ts';

/**
 * Looks up rows of a table: what one-hot vectors times the table would give.
 *
 *   y[i] = table[indices[i]]        dtable[indices[i]] += dy[i], in the order of i; all other rows get 0
 *
 * Shapes: table (V, C), int32 indices (…), y (…, C). Saved: indices.
 * An index outside [0, V) is an error.
 */
export const embedding = defineOp({
  name: 'embedding',
  forward(table: Tensor, indices: Tensor) {
    checkTensors({ 'the table': table, 'what is looked up': indices });
    check(table.rank === 2, 'embedding', 'the table has shape (V, C)', () => show(table.shape));
    const [V, C] = table.shape as [number, number];
    checkTokens(checkIndices(indices), V);
    const y = empty([...indices.shape, C], table.dtype);
    kernels.gatherRows(y.memory, floats(table), integers(indices), C);
    return { output: y, saved: { indices, V, C } };
  },
  backward(dy, { indices, V, C }) {
    const dtable = zeroed([V, C], dy.dtype);
    kernels.scatterAddRows(dtable.memory, floats(dy), integers(indices), C);
    return [dtable, null];
  },
});

function checkTokens(tokens: Int32Array, V: number): void {
  const bad = tokens.findIndex((token) => token < 0 || token >= V);
  check(
    bad === -1,
    'embedding',
    `a token lies in [0, ${V}), for a table of V = ${V} rows`,
    () => `token out of range: ${tokens[bad]} at index ${bad}`,
    () => 'was the text encoded with the tokenizer (and its vocabSize) that the model was built for',
  );
}
