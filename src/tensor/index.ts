export * from './checks.ts';
export * from './create.ts';
export * from './errors.ts';
export * from './pool.ts';
export * from './random.ts';
export { arrayTypeOf, checkRoom, type DType, type FloatArray, heapArray, type TypedArray } from './room.ts';
export * from './shape.ts';
export * from './storage.ts';
export * from './tensor.ts';
