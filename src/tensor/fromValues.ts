import ndarray from 'ndarray';
import { checkInt32 } from './checks.ts';
import { getDefaultDtype } from './defaultDtype.ts';
import { check, checkOptions, display, fail, withDefaults } from './errors.ts';
import type { NestedArray } from './nested.ts';
import { arrayTypeOf, type DType, type TypedArray } from './room.ts';
import { type Shape, show } from './shape.ts';
import { type NdArray, Tensor } from './tensor.ts';

/** The options of functions that create tensors. */
export interface TensorOptions {
  /** Number type. Default float32, or the one given to `setDefaultDtype`. */
  readonly dtype?: DType;
  /** Asks `backward` for its gradient. Default false. */
  readonly requiresGrad?: boolean;
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
  return values instanceof Int32Array ? 'int32' : getDefaultDtype();
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
