import { defineOp } from '../autograd/index.ts';
import { aroundAxis, check, empty, fail, resolveAxis, show, type Tensor, zeroed } from '../tensor/index.ts';
import { checkIndices, packed } from './operands.ts';
import { slice } from './slice.ts';

/**
 * Picks elements along one axis by an int32 index tensor, as `torch.gather` does.
 *
 *   y[i, j, k] = x[i, index[i, j, k], k]   (axis 1 of 3)        dx[i, index[i, j, k], k] += dy[i, j, k]
 *
 * Shapes: x and index have one rank; on the other axes the index may be shorter than x. y has the index's
 * shape.
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  const along = resolveAxis('gather', axis, x.rank);
  check(
    index.rank === x.rank && index.shape.every((length, i) => i === along || length <= x.shape[i]!),
    'gather',
    `the index has the rank of x and off axis ${axis} is no longer than x`,
    () => `index ${show(index.shape)} and x ${show(x.shape)}`,
  );
  const others = index.shape.flatMap((end, i) =>
    i === along || end === x.shape[i] ? [] : [{ axis: i, end }],
  );
  return gatherWhole(others.length > 0 ? slice(x, ...others) : x, along, index);
}

/** Gathers where the index covers x on every other axis. Saved: the index. */
const gatherWhole = defineOp({
  name: 'gather',
  forward(x: Tensor, axis: number, index: Tensor) {
    const output = empty(index.shape, x.dtype);
    const [to, from] = [output.data, packed(x).data];
    eachPick(index, axis, x.shape[axis]!, (i, j) => {
      to[i] = from[j]!;
    });
    return { output, saved: { shape: x.shape, axis, index } };
  },
  backward(dy, { shape, axis, index }) {
    const dx = zeroed(shape, dy.dtype);
    const [to, from] = [dx.data, packed(dy).data];
    eachPick(index, axis, shape[axis]!, (i, j) => {
      to[j]! += from[i]!;
    });
    return [dx, null, null];
  },
});

/** Calls `visit(place in the index, place in x)` for each entry; along the axis x has `length` elements. */
function eachPick(index: Tensor, axis: number, length: number, visit: (i: number, j: number) => void): void {
  const picks = checkIndices(index);
  const [outer, count, inner] = aroundAxis(index.shape, axis);
  for (let o = 0, i = 0; o < outer; o++) {
    for (let a = 0; a < count; a++) {
      for (let k = 0; k < inner; k++, i++) {
        const pick = picks[i]!;
        if (pick < 0 || pick >= length) fail('gather', `indices lie in [0, ${length - 1}]`, `${pick}`);
        visit(i, (o * length + pick) * inner + k);
      }
    }
  }
}
