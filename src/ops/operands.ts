/**
 * Preparations of an op's arguments: numbers become tensors, shapes stretch, copies are made. Errors name the
 * op that runs, unless `where` says another name.
 */
import { kernels } from '../kernels/index.ts';
import {
  arrayTypeOf,
  broadcastShapes,
  check,
  checkInt32,
  contiguousStride,
  type DType,
  display,
  empty,
  fail,
  getDefaultDtype,
  type Memory,
  type Shape,
  sameShape,
  show,
  Tensor,
} from '../tensor/index.ts';
import { copiesAtHand, here } from '../tensor/scope.ts';

/**
 * Returns both operands as tensors of one dtype and one shape. int32 yields to float; a number takes the
 * dtype of the other operand, unless it stands beside an int32 and is none (a fraction, or too large), which
 * makes both the default float type.
 */
export function broadcastPair(a: Tensor | number, b: Tensor | number): [Tensor, Tensor] {
  const where = here();
  const dtype = commonDtype(where, a, b);
  const [x, y] = [asTensor(a, dtype), asTensor(b, dtype)];
  const shape = broadcastShapes(where, x.shape, y.shape);
  return [broadcastView(x, shape), broadcastView(y, shape)];
}

type Named = Readonly<Record<string, unknown>>;

/** Checks that every named argument is a tensor; optional ones may be null. */
export function checkTensors(given: Named, optional: Named = {}, where = here()): void {
  for (const name in given) if (!(given[name] instanceof Tensor)) failNoTensor(where, name, given[name]);
  for (const name in optional) {
    const value = optional[name];
    if (value !== null && !(value instanceof Tensor)) failNoTensor(where, name, value);
  }
}

function failNoTensor(where: string, name: string, value: unknown): never {
  fail(where, `${name} is a tensor`, display(value), 'make it one with tensor(…)');
}

function commonDtype(where: string, a: Tensor | number, b: Tensor | number): DType {
  const good = [a, b].every((operand) => typeof operand === 'number' || operand instanceof Tensor);
  check(good, where, 'operands are tensors and numbers', () => `${display(a)} and ${display(b)}`);
  if (typeof a === 'number') return typeof b === 'number' ? getDefaultDtype() : besideNumber(b, a);
  if (typeof b === 'number') return besideNumber(a, b);
  if (a.dtype === b.dtype || b.dtype === 'int32') return a.dtype;
  check(
    a.dtype === 'int32',
    where,
    'both operands have the same float type',
    () => `${a.dtype} and ${b.dtype}`,
    () => "convert one with .to('float32') or .to('float64')",
  );
  return b.dtype;
}

function besideNumber(x: Tensor, value: number): DType {
  return x.dtype === 'int32' && (value | 0) !== value ? getDefaultDtype() : x.dtype;
}

/** Makes a scalar tensor of a number, and converts a tensor to the wanted dtype. */
export function asTensor(value: Tensor | number, dtype: DType): Tensor {
  if (typeof value === 'number') return Tensor.over(arrayTypeOf('operand', dtype).of(value), []);
  if (value.dtype === dtype) return value;
  const converted = empty(value.shape, dtype);
  kernels.copy(converted.memoryView, value.memoryView);
  return converted;
}

/** A view of `x` stretched to `shape`: stretched axes have stride 0. */
export function broadcastView(x: Tensor, shape: Shape, where = here()): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.rank;
  check(
    lead >= 0 && x.shape.every((dimension, i) => dimension === 1 || dimension === shape[lead + i]),
    where,
    `the tensor broadcasts to ${show(shape)}`,
    () => show(x.shape),
  );
  const stride = shape.map((_, axis) =>
    axis < lead || x.shape[axis - lead] === 1 ? 0 : x.stride[axis - lead]!,
  );
  return x.strided(shape, stride);
}

/** Returns `x` itself if its elements already lie in row-major order, else a copy in which they do. */
export function packed(x: Tensor): Tensor {
  if (x.isContiguous) return x;
  const copy = empty(x.shape, x.dtype, 'contiguous');
  kernels.copy(copy.memoryView, x.memoryView);
  return copy;
}

/** The elements of a float tensor in row-major order, for kernels; copied only if they are strided. */
export function floats(x: Tensor): Memory {
  checkFloat(x);
  return near(x).memory;
}

/** The elements of an integer tensor in row-major order, for kernels. */
export function integers(x: Tensor): Memory {
  checkIndices(x);
  return near(x).memory;
}

/**
 * `packed`, in the memory that kernels work in. The user's own numbers are copied there: once in a call of an
 * op, and if the op saves `x`, the copy is kept for backward.
 */
function near(x: Tensor): Tensor {
  if (x.storage.isNear) return packed(x);
  const copies = copiesAtHand();
  const known = copies.get(x);
  if (known) return known;
  const copy = empty(x.shape, x.dtype);
  if (x.isContiguous) copy.data.set(x.values);
  else kernels.copy(copy.memoryView, x.memoryView);
  copies.set(x, copy);
  return copy;
}

/** A copy of `x` in int32, which cuts off fractions; an error if it cannot hold one of the numbers. */
export function toInt32(x: Tensor): Tensor {
  checkInt32(here(), packed(x).values);
  const converted = empty(x.shape, 'int32');
  kernels.copy(converted.memoryView, x.memoryView);
  return converted;
}

/** Checks that a tensor holds integers, and returns them in row-major order. */
export function checkIndices(x: Tensor, where = here()): Int32Array {
  check(
    x.dtype === 'int32',
    where,
    'indices are int32',
    () => `${x.dtype} of shape ${show(x.shape)}`,
    () => "make them with { dtype: 'int32' }, or .to('int32')",
  );
  return packed(x).values as Int32Array;
}

/** Checks that a tensor holds floats, not integers. */
export function checkFloat(x: Tensor, where = here()): void {
  check(
    x.dtype !== 'int32',
    where,
    'the tensor is float32 or float64',
    () => `${x.dtype} of shape ${show(x.shape)}`,
    () => "convert it with .to('float32')",
  );
}

/** Checks that all tensors (null ones aside) share the dtype of the first. */
export function checkSameDtype(tensors: readonly (Tensor | null | undefined)[], where = here()): void {
  const given = tensors.filter((x) => x instanceof Tensor);
  check(
    given.every((x) => x.dtype === given[0]!.dtype),
    where,
    'all tensors have one dtype',
    () => given.map((x) => x.dtype).join(', '),
    () => "convert with .to('float32') or .to('float64')",
  );
}

/**
 * Refuses the arguments that Array.map hands over after the index, which an op of (x, axis) would take for
 * its axis.
 */
export function checkNoMore(where: string, rest: readonly never[]): void {
  check(
    rest.length === 0,
    where,
    'the arguments are x and an axis',
    () => `${2 + rest.length} arguments`,
    () => `in map, write (x) => ${where}(x)`,
  );
}

/** A contiguous tensor's elements under another shape, without a copy. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  return x.strided(shape, contiguousStride(shape));
}
