import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { aroundAxis, check, contiguousStride, empty, resolveAxis, type Tensor } from '../tensor/index.ts';
import { packed } from './operands.ts';

/**
 * Repeats each entry of an axis several times in a row: [a, b] → [a, a, b, b]. In this way a few heads of
 * keys and values serve many heads of queries.
 *
 *   y[…, r·a + j, …] = x[…, a, …] for j = 0 … r − 1        dx[…, a, …] = Σⱼ dy[…, r·a + j, …]
 *
 * Shapes: (…, N, …) → (…, r·N, …).
 *
 * Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints",
 * arXiv:2305.13245
 */
export const repeatInterleave = defineOp({
  name: 'repeatInterleave',
  forward(x: Tensor, repeats: number, axis: number) {
    const along = resolveAxis('repeatInterleave', axis, x.rank);
    check(
      Number.isInteger(repeats) && repeats >= 1,
      'repeatInterleave',
      'repeats is a whole number ≥ 1',
      () => `${repeats}`,
    );
    const y = empty(x.shape.with(along, repeats * x.shape[along]!), x.dtype);
    // (…, N, r, …): in y as it lies, in x with stride 0; three axes in memory, whatever the rank
    const shape = x.shape.toSpliced(along + 1, 0, repeats);
    const source = packed(x);
    kernels.copy(
      y.strided(shape, contiguousStride(shape)).memoryView,
      source.strided(shape, source.stride.toSpliced(along + 1, 0, 0)).memoryView,
    );
    return { output: y, saved: { shape: x.shape, along, repeats } };
  },
  backward(dy, { shape, along, repeats }) {
    const dx = empty(shape, dy.dtype);
    const [outer, length, inner] = aroundAxis(shape, along);
    kernels.sum(dx.memory, packed(dy).memory, outer * length, repeats, inner);
    return [dx];
  },
});
