/**
 * The fluent API, `x.mul(y).sum()`: methods that hand the tensor to the op of the same name as its first
 * argument. Convenience only: nothing in this project depends on it, and each op's file says what it does.
 */
import { type BackwardOptions, backward } from './autograd/index.ts';
import * as ops from './ops/index.ts';
import { check, type DType, type Shape, Tensor } from './tensor/index.ts';

type Axes = number | readonly number[];

declare module './tensor/tensor.ts' {
  interface Tensor {
    add(other: Tensor | number): Tensor;
    sub(other: Tensor | number): Tensor;
    mul(other: Tensor | number): Tensor;
    div(other: Tensor | number): Tensor;
    pow(exponent: Tensor | number): Tensor;
    maximum(other: Tensor | number): Tensor;
    minimum(other: Tensor | number): Tensor;
    matmul(other: Tensor): Tensor;

    neg(): Tensor;
    exp(): Tensor;
    log(): Tensor;
    sqrt(): Tensor;
    square(): Tensor;
    abs(): Tensor;
    clamp(options: ops.ClampOptions): Tensor;
    softmax(axis?: number): Tensor;
    logSoftmax(axis?: number): Tensor;
    cumsum(axis: number): Tensor;
    maskedFill(mask: Tensor, value: number): Tensor;

    equal(other: Tensor | number): Tensor;
    notEqual(other: Tensor | number): Tensor;
    less(other: Tensor | number): Tensor;
    lessEqual(other: Tensor | number): Tensor;
    greater(other: Tensor | number): Tensor;
    greaterEqual(other: Tensor | number): Tensor;

    sum(axes?: Axes, options?: ops.ReduceOptions): Tensor;
    mean(axes?: Axes, options?: ops.ReduceOptions): Tensor;
    max(axes?: Axes, options?: ops.ReduceOptions): Tensor;
    min(axes?: Axes, options?: ops.ReduceOptions): Tensor;
    variance(axes?: Axes, options?: ops.VarianceOptions): Tensor;
    argmax(axis?: number, options?: ops.ReduceOptions): Tensor;

    transpose(axis1?: number, axis2?: number): Tensor;
    permute(order: readonly number[]): Tensor;
    reshape(shape: Shape): Tensor;
    view(shape: Shape): Tensor;
    flatten(startAxis?: number, endAxis?: number): Tensor;
    expandDims(axis: number): Tensor;
    unsqueeze(axis: number): Tensor;
    squeeze(axes?: Axes): Tensor;
    broadcastTo(shape: Shape): Tensor;
    slice(...ranges: ops.SliceRange[]): Tensor;
    select(axis: number, index: number): Tensor;
    split(sizes: number | readonly number[], axis?: number): Tensor[];
    gather(axis: number, index: Tensor): Tensor;

    clone(): Tensor;
    contiguous(): Tensor;
    detach(): Tensor;
    to(dtype: DType): Tensor;
    copy_(source: Tensor): Tensor;
    fill_(value: number): Tensor;

    backward(gradient?: Tensor, options?: BackwardOptions): void;
    retainGrad(): Tensor;
  }
}

/** Keeps the gradient of a tensor that is not a leaf: after backward it is in `grad`. Returns the tensor. */
function retainGrad(x: Tensor): Tensor {
  check(x.requiresGrad, 'retainGrad', 'the tensor requires grad', () => 'one that no gradient reaches');
  x.keepsGrad = true;
  return x;
}

/** The op behind a method: the same, with the tensor in front. */
type OpOf<Method> = Method extends (...rest: infer Rest) => infer Result
  ? (x: Tensor, ...rest: Rest) => Result
  : never;

/** The methods that have an op of their name and signature. */
type Delegated = {
  [Name in keyof Tensor & keyof typeof ops]: (typeof ops)[Name] extends OpOf<Tensor[Name]> ? Name : never;
}[keyof Tensor & keyof typeof ops];

const delegated: readonly Delegated[] = [
  ...(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'matmul'] as const),
  ...([
    'neg',
    'exp',
    'log',
    'sqrt',
    'square',
    'abs',
    'clamp',
    'softmax',
    'logSoftmax',
    'cumsum',
    'maskedFill',
  ] as const),
  ...(['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const),
  ...(['sum', 'mean', 'max', 'min', 'variance', 'argmax'] as const),
  ...([
    'transpose',
    'permute',
    'reshape',
    'view',
    'flatten',
    'expandDims',
    'unsqueeze',
    'squeeze',
    'broadcastTo',
  ] as const),
  ...([
    'slice',
    'select',
    'split',
    'gather',
    'clone',
    'contiguous',
    'detach',
    'to',
    'copy_',
    'fill_',
  ] as const),
];

function addMethod(name: string, op: (x: Tensor, ...rest: never[]) => unknown): void {
  const value = function (this: Tensor, ...rest: never[]) {
    return op(this, ...rest);
  };
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

const functions = { ...ops };
for (const name of delegated) addMethod(name, functions[name]);
addMethod('backward', backward);
addMethod('retainGrad', retainGrad);
