/**
 * Creating tensors: filled, random, or from JavaScript values. They are plain data, which belongs to whoever
 * holds it; only `empty` and `persistentZeros` take the memory that kernels work in.
 */
import ndarray from 'ndarray';
import { checkFunctions, checkInt32 } from './checks.ts';
import { check, checkOptions, display, fail, withDefaults } from './errors.ts';
import type { NestedArray } from './nested.ts';
import { normalSample, type RandomStream, randomStream } from './random.ts';
import { arrayTypeOf, type DType, heapArray, type TypedArray } from './room.ts';
import { here } from './scope.ts';
import { checkShape, type Shape, show } from './shape.ts';
import { Storage } from './storage.ts';
import { type NdArray, Tensor } from './tensor.ts';

export interface TensorOptions {
  /** Number type. Default float32, or the one given to `setDefaultDtype`. */
  readonly dtype?: DType;
  /** Whether `backward` computes its gradient. Default false. */
  readonly requiresGrad?: boolean;
}

let defaultDtype: 'float32' | 'float64' = 'float32';

/** The float type of tensors and parameters made from here on; float64 is for checking gradients. */
export function setDefaultDtype(dtype: 'float32' | 'float64'): void {
  check(dtype === 'float32' || dtype === 'float64', 'setDefaultDtype', 'dtype is float32 or float64', () =>
    display(dtype),
  );
  defaultDtype = dtype;
}

export function getDefaultDtype(): 'float32' | 'float64' {
  return defaultDtype;
}

/**
 * Makes a tensor of a number, nested arrays, a typed array or an ndarray: `tensor([[1, 2], [3, 4]])`.
 * Float32Array, Float64Array and Int32Array keep their dtype; other values get the default dtype unless
 * `dtype` says otherwise. Values are copied. int32 cuts off fractions; NaN and numbers beyond its range are
 * an error.
 */
export function tensor(
  values: NestedArray | ArrayLike<number> | NdArray,
  options: TensorOptions = {},
): Tensor {
  checkOptions('tensor', options, 'dtype');
  if (isNdArray(values)) {
    const { data, shape, stride, offset } = values;
    const converted = ndarray(convert(data, options.dtype), shape, stride, offset);
    return finish(Tensor.over(Tensor.overNdarray(converted).toTypedArray(), shape), options);
  }
  if (isTypedArray(values))
    return finish(Tensor.over(convert(values, options.dtype), [values.length]), options);
  const shape = shapeOf(values as NestedArray);
  const flat: number[] = [];
  flatten(values as NestedArray, shape, 0, flat);
  return finish(Tensor.over(convert(flat, options.dtype), shape), options);
}

/** Uninitialised memory for an op's result; it belongs to the running op's graph or scope, and bears the op's name. */
export function empty(shape: Shape, dtype: DType, madeBy = here()): Tensor {
  return new Tensor(Storage.allocate(dtype, shape, madeBy), shape);
}

/** The same, filled with zeros: for a gradient that is added up, or written in part. */
export function zeroed(shape: Shape, dtype: DType): Tensor {
  const zeros = empty(shape, dtype);
  zeros.data.fill(0);
  return zeros;
}

/**
 * Zeros for what lives long and is changed in place (optimizer state, caches): in the memory that kernels
 * work in.
 */
export function persistentZeros(
  shape: Shape,
  dtype: DType = defaultDtype,
  madeBy = 'persistentZeros',
): Tensor {
  checkShape(madeBy, shape);
  return new Tensor(Storage.persistent(dtype, shape, madeBy), shape);
}

export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  return filled('full', shape, value, options);
}

export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

function filled(where: string, shape: Shape, value: number, options: TensorOptions): Tensor {
  checkShape(where, shape);
  check(typeof value === 'number', where, 'the value is a number', () => display(value));
  const settings = withDefaults<Required<TensorOptions>>(where, options, {
    dtype: defaultDtype,
    requiresGrad: false,
  });
  if (settings.dtype === 'int32') checkInt32(where, [value]);
  const result = Tensor.over(heapArray(where, settings.dtype, shape).fill(value), shape, where);
  result.requiresGrad = settings.requiresGrad;
  return result;
}

/**
 * The numbers start, start + step, … below `end`: int32 if all three are whole numbers, else the default
 * float type, as in PyTorch. With `dtype` int32 a start or step that is a fraction is an error, rather than
 * cut off.
 */
export function arange(end: number, options: TensorOptions & { start?: number; step?: number } = {}): Tensor {
  const defaults = { start: 0, step: 1, dtype: undefined as DType | undefined, requiresGrad: false };
  const { start, step, dtype: given, requiresGrad } = withDefaults('arange', options, defaults);
  check(
    step !== 0 && Number.isFinite((end - start) / step),
    'arange',
    'start, end and step are finite and step is not 0',
    () => `${start}, ${end}, ${step}`,
  );
  const length = Math.max(0, Math.ceil((end - start) / step));
  const dtype = given ?? ([start, end, step].every(Number.isInteger) ? 'int32' : defaultDtype);
  check(
    dtype !== 'int32' || (Number.isInteger(start) && Number.isInteger(step)),
    'arange',
    'int32 counts from a whole number in whole steps',
    () => `start ${start} and step ${step}`,
    () => "pass { dtype: 'float32' }",
  );
  const values = heapArray('arange', dtype, [length]);
  if (dtype === 'int32' && length > 0) checkInt32('arange', [start, start + (length - 1) * step]);
  for (let i = 0; i < length; i++) values[i] = start + i * step;
  return finish(Tensor.over(values, [length]), { requiresGrad });
}

/** Standard normal numbers, from the stream 'init' unless another is given. */
export function randn(shape: Shape, options: TensorOptions & { random?: RandomStream } = {}): Tensor {
  return drawn('randn', shape, options, normalSample);
}

/** Numbers uniform in [0, 1), from the stream 'init' unless another is given. */
export function rand(shape: Shape, options: TensorOptions & { random?: RandomStream } = {}): Tensor {
  return drawn('rand', shape, options, (random) => random());
}

function drawn(
  where: string,
  shape: Shape,
  options: TensorOptions & { random?: RandomStream },
  sample: (random: RandomStream) => number,
): Tensor {
  checkShape(where, shape);
  checkOptions(where, options, 'dtype');
  const { random = randomStream('init'), ...rest } = options;
  checkFunctions(where, { random });
  const result = filled(where, shape, 0, rest);
  const data = result.data;
  for (let i = 0; i < data.length; i++) data[i] = sample(random);
  return result;
}

/** A copy of `x` as an ndarray of its own. */
export function toNdarray(x: Tensor): NdArray {
  return ndarray(x.toTypedArray(), [...x.shape]);
}

function finish(result: Tensor, options: TensorOptions): Tensor {
  const defaults = { dtype: result.dtype, requiresGrad: false };
  result.requiresGrad = withDefaults<Required<TensorOptions>>('tensor', options, defaults).requiresGrad;
  return result;
}

function convert(values: ArrayLike<number>, dtype: DType | undefined): TypedArray {
  check(
    !(values instanceof BigInt64Array || values instanceof BigUint64Array),
    'tensor',
    'values are numbers',
    () => display(values),
  );
  const Type = arrayTypeOf('tensor', dtype ?? keptDtype(values));
  if (Type === Int32Array) checkInt32('tensor', values);
  return Type.from(values);
}

function keptDtype(values: ArrayLike<number>): DType {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Float64Array) return 'float64';
  return values instanceof Int32Array ? 'int32' : defaultDtype;
}

function isNdArray(values: unknown): values is NdArray {
  return (
    typeof values === 'object' &&
    values !== null &&
    'stride' in values &&
    'shape' in values &&
    'data' in values
  );
}

function isTypedArray(values: unknown): values is ArrayLike<number> {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}

function shapeOf(values: NestedArray): number[] {
  if (!Array.isArray(values)) return [];
  return values.length === 0 ? [0] : [values.length, ...shapeOf(values[0]!)];
}

function flatten(values: NestedArray, shape: Shape, depth: number, flat: number[]): void {
  if (depth === shape.length) {
    if (typeof values !== 'number')
      fail('tensor', 'nested arrays are rectangular and hold numbers', JSON.stringify(values));
    flat.push(values);
    return;
  }
  if (!Array.isArray(values) || values.length !== shape[depth]) {
    fail('tensor', `nested arrays are rectangular (shape ${show(shape)})`, JSON.stringify(values));
  }
  for (const value of values) flatten(value, shape, depth + 1, flat);
}
