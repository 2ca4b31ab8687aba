import ndarray from 'ndarray';
import { check, fail } from './errors.ts';
import { type NestedArray, nest, shorten } from './nested.ts';
import { type DType, heapArray, type Memory, type TypedArray, type View } from './room.ts';
import {
  checkShape,
  checkWithin,
  contiguousStride,
  isContiguous,
  type Shape,
  show,
  sizeOf,
} from './shape.ts';
import { Storage } from './storage.ts';

/** A view of a typed array as the package `ndarray` has it: data, shape, stride and offset. */
export type NdArray = ndarray.NdArray<TypedArray>;

/** The op that produced a tensor, as the autograd engine records it. Opaque to everyone else. */
export interface GraphNode {
  readonly name: string;
}

/**
 * An n-dimensional array of numbers: a strided view of a storage, and its place in the autograd graph.
 *
 * `shape`, `stride` and `offset` (in elements) mean what they mean in `ndarray`, so transposes, slices and
 * broadcasts are views that share memory with their source; a broadcast axis has stride 0.
 */
export class Tensor {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
  readonly size: number;
  /** Tells whether the elements lie one after the other in row-major order. */
  readonly isContiguous: boolean;
  readonly dtype: DType;
  /** The gradient that `backward` accumulated: a tensor of this shape, or null before the first backward. */
  grad: Tensor | null = null;
  /** The op that made this tensor, if a gradient can flow through it; null for leaves and for plain data. */
  node: GraphNode | null = null;
  /** Tells backward to keep the gradient of this tensor although it is not a leaf; see `retainGrad`. */
  keepsGrad = false;
  #requiresGrad = false;

  constructor(
    storage: Storage,
    shape: Shape,
    stride: readonly number[] = contiguousStride(shape),
    offset = 0,
  ) {
    checkWithin(storage.length, shape, stride, offset);
    this.storage = storage;
    this.shape = shape;
    this.stride = stride;
    this.offset = offset;
    this.size = sizeOf(shape);
    this.isContiguous = isContiguous(shape, stride);
    this.dtype = storage.dtype;
  }

  /** Makes a tensor over the caller's own numbers, which it shares: no copy. */
  static over(data: TypedArray, shape: Shape, madeBy = 'tensor'): Tensor {
    checkShape(madeBy, shape);
    check(
      data.length === sizeOf(shape),
      madeBy,
      `shape ${show(shape)} has as many elements as there are values`,
      () => `${data.length} values`,
    );
    return new Tensor(new Storage(data, madeBy), [...shape]);
  }

  /** Makes a tensor over an ndarray, which it shares: no copy. */
  static overNdarray(array: NdArray): Tensor {
    return new Tensor(new Storage(array.data, 'ndarray'), [...array.shape], [...array.stride], array.offset);
  }

  /** Drops the gradient and hands its memory back. */
  zeroGrad(): void {
    this.grad?.storage.release();
    this.grad = null;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Asks backward for a gradient, which only float tensors can have. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(value: boolean) {
    check(
      !value || this.dtype !== 'int32',
      'requiresGrad',
      'only float tensors have gradients',
      () => this.dtype,
    );
    this.#requiresGrad = value;
  }

  /** This view as an ndarray that shares its memory; valid as long as the tensor is. */
  get array(): NdArray {
    return ndarray(this.storage.data, this.shape as number[], this.stride as number[], this.offset);
  }

  /**
   * The elements in row-major order, without a copy; for contiguous tensors only (see `contiguous` in the
   * ops).
   */
  get data(): TypedArray {
    const { data } = this.storage;
    if (!this.isContiguous) this.#failStrided('data');
    return this.#isWhole ? data : data.subarray(this.offset, this.offset + this.size);
  }

  /** The same to read only: what lives on a GPU stays valid there; for contiguous tensors only. */
  get values(): TypedArray {
    const { values } = this.storage;
    if (!this.isContiguous) this.#failStrided('values');
    return this.#isWhole ? values : values.subarray(this.offset, this.offset + this.size);
  }

  /** The same elements as a handle that kernels take; for contiguous tensors only. */
  get memory(): Memory {
    if (!this.isContiguous) this.#failStrided('memory');
    return this.#isWhole ? this.storage.memory : this.storage.part(this.offset, this.size);
  }

  /** This view as a handle that kernels take. */
  get memoryView(): View {
    if (!this.storage.isBeside) return this.array;
    const { memory } = this.storage;
    return memory instanceof Float32Array || memory instanceof Int32Array
      ? this.array
      : { data: memory, shape: this.shape, stride: this.stride, offset: this.offset };
  }

  get #isWhole(): boolean {
    return this.offset === 0 && this.size === this.storage.length;
  }

  #failStrided(where: string): never {
    const got = `shape ${show(this.shape)} with strides ${show(this.stride)}`;
    fail(where, 'the tensor is contiguous', got, 'take .contiguous() first, or .toTypedArray() for a copy');
  }

  /**
   * Another view of the same memory, for ops to be made of: it is not recorded, so no gradient passes. See
   * `reshape`.
   */
  strided(shape: Shape, stride: readonly number[], offset = this.offset): Tensor {
    return new Tensor(this.storage, shape, stride, offset);
  }

  /** A copy of the elements in row-major order. */
  toTypedArray(): TypedArray {
    if (this.isContiguous) return this.storage.copy(this.offset, this.size);
    const copy = heapArray('toTypedArray', this.dtype, this.shape);
    let next = 0;
    for (const value of this.#elements(this.storage.values)) copy[next++] = value;
    return copy;
  }

  /** Nested arrays, as deep as the rank; a plain number for a scalar. */
  toArray(): NestedArray {
    return nest(this.toTypedArray(), this.shape);
  }

  /** The value of a tensor of one element. */
  item(): number {
    check(
      this.size === 1,
      'item',
      'the tensor has exactly one element',
      () => `shape ${show(this.shape)}`,
      () => 'reduce it first (sum, mean), or use .toArray()',
    );
    return this.storage.copy(this.offset, 1)[0]!;
  }

  *#elements(values: TypedArray, axis = 0, offset = this.offset): Generator<number> {
    if (axis === this.rank) yield values[offset]!;
    else
      for (let i = 0; i < this.shape[axis]!; i++)
        yield* this.#elements(values, axis + 1, offset + i * this.stride[axis]!);
  }

  toString(): string {
    const values = this.size <= 1000 ? JSON.stringify(this.toArray(), shorten) : `${this.size} values`;
    return `Tensor ${show(this.shape)} ${this.dtype} ${values}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
