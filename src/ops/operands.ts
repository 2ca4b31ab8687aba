/** Preparations of an op's arguments: numbers become tensors, shapes stretch, copies are made. */
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
  type FloatArray,
  fail,
  getDefaultDtype,
  type Shape,
  sameShape,
  show,
  Tensor,
} from '../tensor/index.ts';

/**
 * Returns both operands as tensors of one dtype and one shape. int32 yields to float; a number takes the
 * dtype of the other operand, unless it stands beside an int32 and is none (a fraction, or too large), which
 * makes both the default float type.
 */
export function broadcastPair(where: string, a: Tensor | number, b: Tensor | number): [Tensor, Tensor] {
  const dtype = commonDtype(where, a, b);
  const [x, y] = [asTensor(a, dtype), asTensor(b, dtype)];
  const shape = broadcastShapes(where, x.shape, y.shape);
  return [broadcastView(where, x, shape), broadcastView(where, y, shape)];
}

type Named = Readonly<Record<string, unknown>>;

/** Checks that every named argument is a tensor; optional ones may be null. */
export function checkTensors(where: string, given: Named, optional: Named = {}): void {
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
  kernels.copy(converted.array, value.array);
  return converted;
}

/** A view of `x` stretched to `shape`: stretched axes have stride 0. */
export function broadcastView(where: string, x: Tensor, shape: Shape): Tensor {
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
  kernels.copy(copy.array, x.array);
  return copy;
}

/** The elements of a float tensor in row-major order, for kernels; copied only if they are strided. */
export function floats(where: string, x: Tensor): FloatArray {
  checkFloat(where, x);
  return packed(x).data as FloatArray;
}

/** A copy of `x` in int32, which cuts off fractions; an error if it cannot hold one of the numbers. */
export function toInt32(where: string, x: Tensor): Tensor {
  checkInt32(where, packed(x).data);
  const converted = empty(x.shape, 'int32', where);
  kernels.copy(converted.array, x.array);
  return converted;
}

/** The elements of an integer tensor in row-major order. */
export function integers(where: string, x: Tensor): Int32Array {
  check(
    x.dtype === 'int32',
    where,
    'indices are int32',
    () => `${x.dtype} of shape ${show(x.shape)}`,
    () => "make them with { dtype: 'int32' }, or .to('int32')",
  );
  return packed(x).data as Int32Array;
}

/** Checks that a tensor holds floats, not integers. */
export function checkFloat(where: string, x: Tensor): void {
  check(
    x.dtype !== 'int32',
    where,
    'the tensor is float32 or float64',
    () => `${x.dtype} of shape ${show(x.shape)}`,
    () => "convert it with .to('float32')",
  );
}

/** Checks that all tensors (null ones aside) share the dtype of the first. */
export function checkSameDtype(where: string, ...tensors: (Tensor | null | undefined)[]): void {
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
