// Lesson 07: attention. Fill in the blank. Its backward comes by itself: it is made of ops that have one.

import { type Tensor, tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/** What to add to the scores (T, T): 0 where query t may see key s, −∞ where s lies in its future. */
function causalMask(T: number, like: Tensor): Tensor {
  const rows = Array.from({ length: T }, (_, t) => Array.from({ length: T }, (_, s) => (s > t ? -Infinity : 0)));
  return tensor(rows, { dtype: like.dtype });
} // biome-ignore format: one line for the table

/** Every position gathers a mixture of the values of those up to itself: q, k, v (B, H, T, D) → (B, H, T, D). */
export function attention(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const [T, D] = [q.shape[2]!, q.shape[3]!];
  // Useful: a.matmul(b), x.transpose() of the last two axes, x.softmax() of the last
  return blank('the mixture of v: scores, mask, softmax, product', q, k, v, causalMask(T, q), D);
}
