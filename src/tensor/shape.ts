import { check, display, fail } from './errors.ts';

/** The dimensions of a tensor, one for each axis; none for a single number. */
export type Shape = readonly number[];

/** Number of elements: the product of the dimensions, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis]!;
  return size;
}

/** Row-major strides, in elements: the last axis is contiguous. */
export function contiguousStride(shape: Shape): number[] {
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis]!;
  }
  return stride;
}

/**
 * Tells whether the elements of a view lie one after the other in row-major order (axes of length 1 may have
 * any stride).
 */
export function isContiguous(shape: Shape, stride: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

/** Checks that all elements of a view are among the first `length` of its storage; asked of every tensor. */
export function checkWithin(length: number, shape: Shape, stride: readonly number[], offset: number): void {
  if (liesWithin(length, shape, stride, offset)) return;
  fail(
    'Tensor',
    `shape, strides and offset are whole numbers, one stride for each axis, and stay within the ${length} elements of the storage`,
    `shape ${show(shape)}, strides ${show(stride)}, offset ${offset}`,
  );
}

function liesWithin(length: number, shape: Shape, stride: readonly number[], offset: number): boolean {
  let first = offset;
  let last = offset;
  let empty = false;
  for (let axis = 0; axis < shape.length; axis++) {
    const dimension = shape[axis]!;
    const step = stride[axis]!;
    if (!Number.isInteger(dimension) || dimension < 0 || !Number.isInteger(step)) return false;
    if (dimension === 0) empty = true;
    else if (step > 0) last += (dimension - 1) * step;
    else first += (dimension - 1) * step;
  }
  return (
    stride.length === shape.length && Number.isInteger(offset) && (empty || (first >= 0 && last < length))
  );
}

/** Whether two shapes have the same dimensions. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** NumPy broadcasting: align at the right; a dimension of 1 (or a missing one) stretches to the other's. */
export function broadcastShapes(where: string, a: Shape, b: Shape): number[] {
  if (sameShape(a, b)) return [...a];
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    check(
      m === n || m === 1 || n === 1,
      where,
      'shapes broadcast (dimensions, aligned at the right, are equal or 1)',
      () => `${show(a)} and ${show(b)}`,
    );
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Counts a negative axis from the end and checks its range. */
export function resolveAxis(where: string, axis: number, rank: number): number {
  if (typeof axis !== 'number')
    fail(where, 'an axis is a number', display(axis), `write ${where}(…, 1), without a name`);
  checkRank(where, rank);
  check(
    Number.isInteger(axis) && axis >= -rank && axis < rank,
    where,
    `axis lies in [${-rank}, ${rank - 1}] for a tensor of rank ${rank}`,
    () => `axis ${axis}`,
  );
  return axis < 0 ? axis + rank : axis;
}

/** Checks that there is a rank: something that is no tensor has none. */
function checkRank(where: string, rank: number): void {
  if (Number.isInteger(rank)) return;
  fail(where, 'the first argument is a tensor', 'something without a rank', 'make it one with tensor(…)');
}

/** Numbers of elements before, along and after an axis: row-major data is an (outer, length, inner) block. */
export function aroundAxis(shape: Shape, axis: number): [outer: number, length: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** Resolves one axis, several, or (undefined) all of them to sorted distinct non-negative numbers. */
export function resolveAxes(
  where: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  checkRank(where, rank);
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (Array.isArray(axes) ? axes : [axes]).map((axis) => resolveAxis(where, axis, rank));
  const distinct = [...new Set(list)].sort((a, b) => a - b);
  check(distinct.length === list.length, where, 'axes are distinct', () => `[${list}]`);
  return distinct;
}

/** Checks that a shape is a list of whole numbers ≥ 0. */
export function checkShape(where: string, shape: Shape): void {
  checkList(where, 'a shape', shape);
  check(
    shape.every((dimension) => Number.isInteger(dimension) && dimension >= 0),
    where,
    'dimensions are whole numbers ≥ 0',
    () => show(shape),
  );
}

/** Checks that dimensions or axes come as one list, and not as one argument each. */
export function checkList(where: string, what: string, list: readonly number[], example = '2, 3'): void {
  if (Array.isArray(list)) return;
  fail(where, `${what} is one list of whole numbers`, display(list), `write ${where}([${example}])`);
}

/** A shape in an error message: `(2, 3)`. */
export function show(shape: Shape): string {
  return `(${shape.join(', ')})`;
}
