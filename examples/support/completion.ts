/** Tasks in rows of tokens of one length: the first `given` are the question, the others the answer. */
import { argmax, noGrad, Tensor } from 'scratchformer';
import type { Batch } from 'scratchformer/data';
import type { GPT } from 'scratchformer/models';

/** Inputs and targets (B, T); only the answers are predicted. */
export function completionBatch(rows: readonly (readonly number[])[], given: number): Batch {
  const T = rows[0]!.length - 1;
  const int = (values: number[]) => Tensor.over(Int32Array.from(values), [rows.length, T]);
  const ignored = new Array<number>(given - 1).fill(-100);
  return {
    inputs: int(rows.flatMap((row) => row.slice(0, T))),
    targets: int(rows.flatMap((row) => [...ignored, ...row.slice(given)])),
  };
}

/**
 * The share of rows whose whole answer is right when the model always writes the most probable token. One
 * pass suffices: while every token has been right, the model reads the right answer so far.
 */
export function exactShare(model: GPT, rows: readonly (readonly number[])[], given: number): number {
  const size = 1000;
  model.eval();
  let exact = 0;
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size);
    const { inputs } = completionBatch(part, given);
    const written = noGrad(() => argmax(model.forward(inputs), -1).toArray()) as number[][];
    exact += part.filter((row, i) =>
      row.slice(given).every((token, j) => token === written[i]![given - 1 + j]),
    ).length;
  }
  return exact / rows.length;
}
