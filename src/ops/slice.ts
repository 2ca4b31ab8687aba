import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  check,
  checkOptions,
  display,
  resolveAxes,
  resolveAxis,
  type Shape,
  show,
  type Tensor,
  withDefaults,
  zeroed,
} from '../tensor/index.ts';

/** A range of indices along one axis, as `slice` takes it. */
export interface SliceRange {
  readonly axis: number;
  /** First index. Default: the start, or the last index if the step is negative. */
  readonly start?: number;
  /** End, exclusive. Default: everything up to the other border. */
  readonly end?: number;
  /** Distance from one index to the next; negative walks backwards. Default 1. */
  readonly step?: number;
}

/** A range made definite: first index, number of indices, step. */
type Picked = readonly [start: number, length: number, step: number];

/**
 * A part of a tensor: one range for each axis that is not taken whole. A view.
 *
 *   slice(x, { axis: 0, start: 1, end: 3 }, { axis: -1, step: 2 })        Python's x[1:3, ..., ::2]
 *
 * As in Python, negative indices count from the end, ranges are cut to what is there, and (beyond PyTorch) a
 * negative step walks backwards. dx is dy in the places taken, 0 elsewhere.
 */
export const slice = defineOp({
  name: 'slice',
  forward(x: Tensor, ...ranges: SliceRange[]) {
    for (const range of ranges) checkOptions('slice', range, 'axis: 0, start: 1, end');
    resolveAxes(
      'slice',
      ranges.map(({ axis }) => axis),
      x.rank,
    ); // each axis once
    const picked = x.shape.map((length): Picked => [0, length, 1]);
    for (const range of ranges) {
      const axis = resolveAxis('slice', range.axis, x.rank);
      picked[axis] = pick(x.shape[axis]!, range);
    }
    return { output: sliced(x, picked), saved: { from: x.shape, picked } };
  },
  backward(dy, { from, picked }) {
    const dx = zeroed(from, dy.dtype);
    kernels.copy(sliced(dx, picked).memoryView, dy.memoryView);
    return [dx];
  },
});

/**
 * The part at one index of an axis, which disappears: `select(x, 0, -1)` is Python's x[-1]. A view.
 * dx is dy at that index, 0 elsewhere.
 */
export const select = defineOp({
  name: 'select',
  forward(x: Tensor, axis: number, index: number) {
    const along = resolveAxis('select', axis, x.rank);
    const length = x.shape[along]!;
    check(
      Number.isInteger(index) && index >= -length && index < length,
      'select',
      `the index lies in [${-length}, ${length - 1}] for axis ${axis} of ${show(x.shape)}`,
      () => `${index}`,
    );
    const at = index < 0 ? index + length : index;
    return { output: selected(x, along, at), saved: { from: x.shape, along, at } };
  },
  backward(dy, { from, along, at }) {
    const dx = zeroed(from, dy.dtype);
    kernels.copy(selected(dx, along, at).memoryView, dy.memoryView);
    return [dx];
  },
});

/**
 * Consecutive parts along an axis, as views: all of one size (the last may be smaller), or of the sizes
 * given.
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  const along = resolveAxis('split', axis, x.rank);
  check(
    typeof sizes === 'number' || Array.isArray(sizes),
    'split',
    'sizes are a number, or a list of them',
    () => display(sizes),
    () => 'write split(x, 2)',
  );
  const list = typeof sizes === 'number' ? evenly(x.shape[along]!, sizes) : sizes;
  const whole = list.every((size) => Number.isInteger(size) && size >= 0);
  check(
    whole && list.reduce((total, size) => total + size, 0) === x.shape[along],
    'split',
    `sizes add up to the length of axis ${axis} of ${show(x.shape)}`,
    () => `[${list}]`,
  );
  const ends = list.map((_, i) => list.slice(0, i + 1).reduce((total, size) => total + size));
  return list.map((size, i) => slice(x, { axis: along, start: ends[i]! - size, end: ends[i]! }));
}

function evenly(length: number, size: number): number[] {
  check(
    Number.isInteger(size) && size > 0,
    'split',
    'the size of a part is a whole number > 0',
    () => `${size}`,
  );
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
}

function pick(length: number, range: SliceRange): Picked {
  const { start, end, step } = withDefaults('slice', range, { axis: 0, start: NaN, end: NaN, step: 1 });
  const whole = [range.start, range.end, step].every(
    (value) => value === undefined || Number.isInteger(value),
  );
  check(whole && step !== 0, 'slice', 'start, end and step are whole numbers, and the step is not 0', () =>
    JSON.stringify(range),
  );
  const [first, last] = step > 0 ? [0, length] : [length - 1, -1];
  const [lowest, highest] = [Math.min(first, last), Math.max(first, last)];
  const cut = (index: number) => Math.min(Math.max(index < 0 ? index + length : index, lowest), highest);
  const from = Number.isNaN(start) ? first : cut(start);
  const to = Number.isNaN(end) ? last : cut(end);
  return [from, Math.max(0, Math.ceil((to - from) / step)), step];
}

function sliced(x: Tensor, picked: readonly Picked[]): Tensor {
  const offset = picked.reduce((at, [start], axis) => at + start * x.stride[axis]!, x.offset);
  return x.strided(
    picked.map(([, length]) => length),
    picked.map(([, , step], axis) => step * x.stride[axis]!),
    picked.some(([, length]) => length === 0) ? x.offset : offset,
  );
}

function selected(x: Tensor, axis: number, index: number): Tensor {
  const without = (list: Shape) => list.toSpliced(axis, 1);
  return x.strided(without(x.shape), without(x.stride), x.offset + index * x.stride[axis]!);
}
