// Lesson 03: the gradients of a matrix product. Fill in the blank.

import { defineOp, type Tensor, tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/** Three loops: c[i, j] = Σₚ a[i, p]·b[p, j]. */
function product(a: Tensor, b: Tensor): Tensor {
  const [rows, columns] = [a.toArray() as number[][], b.transpose().toArray() as number[][]];
  const dot = (row: number[], column: number[]) => row.reduce((sum, value, p) => sum + value * column[p]!, 0);
  return tensor(
    rows.map((row) => columns.map((column) => dot(row, column))),
    { dtype: a.dtype },
  );
}

/** Y = A·B with A (m, k), B (k, n) and Y (m, n). x.transpose() exchanges the axes of a matrix. */
export const matmul = defineOp({
  name: 'myMatmul',
  forward: (a: Tensor, b: Tensor) => ({ output: product(a, b), saved: { a, b } }),
  backward(dy, { a, b }): [da: Tensor, db: Tensor] {
    return blank('dA and dB, each a product() of two of dY, A and B', dy, a, b, product);
  },
});
