export * from './checks.ts';
export * from './create.ts';
export * from './defaultDtype.ts';
export * from './errors.ts';
export * from './fromValues.ts';
export type { NestedArray } from './nested.ts';
export * from './random.ts';
export {
  arrayTypeOf,
  checkRoom,
  type DType,
  type FloatArray,
  heapArray,
  type Memory,
  type TypedArray,
  type View,
} from './room.ts';
export * from './shape.ts';
export { Storage } from './storage.ts'; // where blocks come from and whose they are: for kernels and autograd alone
export * from './tensor.ts';
