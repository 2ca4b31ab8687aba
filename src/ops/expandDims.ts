import { defineOp } from '../autograd/index.ts';
import {
  check,
  checkShape,
  resolveAxes,
  resolveAxis,
  type Shape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor/index.ts';
import { broadcastView } from './operands.ts';
import { reshape } from './reshape.ts';

/** Inserts a new axis of length 1, at `axis` of the result. A view. */
export const expandDims = defineOp({
  name: 'expandDims',
  forward(x: Tensor, axis: number) {
    const at = resolveAxis('expandDims', axis, x.rank + 1);
    return { output: x.strided(x.shape.toSpliced(at, 0, 1), x.stride.toSpliced(at, 0, 0)), saved: { at } };
  },
  backward: (dy, { at }) => [without(dy, [at])],
});

/** PyTorch's name of `expandDims`. */
export const unsqueeze = expandDims;

/** Drops axes of length 1: those given (another length is an error), or all. A view. */
export const squeeze = defineOp({
  name: 'squeeze',
  forward(x: Tensor, axes?: number | readonly number[]) {
    const ones = x.shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
    const dropped = axes === undefined ? ones : resolveAxes('squeeze', axes, x.rank);
    check(
      dropped.every((axis) => x.shape[axis] === 1),
      'squeeze',
      'the axes have length 1',
      () => `axes [${dropped}] of ${show(x.shape)}`,
    );
    return { output: without(x, dropped), saved: { dropped } };
  },
  backward: (dy, { dropped }) => [dropped.reduce((gradient, axis) => expandDims(gradient, axis), dy)],
});

function without(x: Tensor, axes: readonly number[]): Tensor {
  const keep = (list: readonly number[]) => list.filter((_, axis) => !axes.includes(axis));
  return x.strided(keep(x.shape), keep(x.stride));
}

/**
 * Merges the axes from `startAxis` to `endAxis` (inclusive) into one: all by default. A view if `x` is
 * contiguous.
 */
export function flatten(x: Tensor, startAxis = 0, endAxis = -1): Tensor {
  if (x.rank === 0) return reshape(x, [1]);
  const [start, end] = [resolveAxis('flatten', startAxis, x.rank), resolveAxis('flatten', endAxis, x.rank)];
  check(
    start <= end,
    'flatten',
    'the first axis is not behind the last',
    () => `${startAxis} and ${endAxis}`,
  );
  const merged = sizeOf(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
}

/**
 * Stretches `x` to `shape` as NumPy broadcasting does. A view: stretched axes have stride 0; dx is dy summed
 * over them.
 */
export const broadcastTo = defineOp({
  name: 'broadcastTo',
  forward(x: Tensor, shape: Shape) {
    checkShape('broadcastTo', shape);
    return { output: broadcastView(x, [...shape]), saved: {} };
  },
  backward: (dy) => [dy, null],
});
