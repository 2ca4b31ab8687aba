/**
 * What users need: tensors, gradients, every op and every layer, and the choice of kernels. Ops and layers
 * come by themselves; of the rest, this is the list. What an op over typed arrays needs besides is in
 * `scratchformer/tensor`, `scratchformer/ops` and `scratchformer/kernels`.
 */
import './fluent.ts';

export * from './autograd/index.ts';
export {
  type Backend,
  type BackendName,
  type BackendOptions,
  backendInUse,
  prepareBackend,
  useBackend,
} from './kernels/index.ts';
export * from './nn/index.ts';
export * from './ops/index.ts';
export {
  arange,
  check,
  type DType,
  type FloatArray,
  fail,
  full,
  getDefaultDtype,
  InvariantError,
  manualSeed,
  type NdArray,
  type NestedArray,
  ones,
  type RandomState,
  type RandomStream,
  rand,
  randn,
  randomState,
  randomStream,
  restoreRandomState,
  type Shape,
  setDefaultDtype,
  Tensor,
  type TensorOptions,
  type TypedArray,
  tensor,
  toNdarray,
  zeros,
} from './tensor/index.ts';
