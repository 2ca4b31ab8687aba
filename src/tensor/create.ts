/**
 * Creating tensors: filled, counted or random. They are plain data, which belongs to whoever holds it; only
 * `empty`, `zeroed` and `persistentZeros` take the memory that kernels work in.
 */
import ndarray from 'ndarray';
import { checkFunctions, checkInt32 } from './checks.ts';
import { getDefaultDtype } from './defaultDtype.ts';
import { check, checkOptions, display, withDefaults } from './errors.ts';
import type { TensorOptions } from './fromValues.ts';
import { normalSample, type RandomStream, randomStream } from './random.ts';
import { type DType, heapArray } from './room.ts';
import { here } from './scope.ts';
import { checkShape, type Shape } from './shape.ts';
import { Storage } from './storage.ts';
import { type NdArray, Tensor } from './tensor.ts';

/**
 * Uninitialised memory for an op's result; it belongs to the running op's graph or scope, and bears the op's
 * name.
 */
export function empty(shape: Shape, dtype: DType, madeBy = here()): Tensor {
  return new Tensor(Storage.allocate(dtype, shape, madeBy), shape);
}

/** The same, filled with zeros: for a gradient that is added up, or written in part. */
export function zeroed(shape: Shape, dtype: DType): Tensor {
  const zeros = empty(shape, dtype);
  zeros.storage.fill(0);
  return zeros;
}

/**
 * Zeros for what lives long and is changed in place (optimizer state, caches): in the memory that kernels
 * work in.
 */
export function persistentZeros(
  shape: Shape,
  dtype: DType = getDefaultDtype(),
  madeBy = 'persistentZeros',
): Tensor {
  checkShape(madeBy, shape);
  return new Tensor(Storage.persistent(dtype, shape, madeBy), shape);
}

/** Makes a tensor of this shape, filled with one value. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  return filled('full', shape, value, options);
}

/** Makes a tensor of this shape, filled with 0. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

/** Makes a tensor of this shape, filled with 1. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

function filled(where: string, shape: Shape, value: number, options: TensorOptions): Tensor {
  checkShape(where, shape);
  check(typeof value === 'number', where, 'the value is a number', () => display(value));
  const settings = withDefaults<Required<TensorOptions>>(where, options, {
    dtype: getDefaultDtype(),
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
  const dtype = given ?? ([start, end, step].every(Number.isInteger) ? 'int32' : getDefaultDtype());
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
  const result = Tensor.over(values, [length]);
  result.requiresGrad = requiresGrad;
  return result;
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
