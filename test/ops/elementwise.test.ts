import { describe, expect, test } from 'vitest';
import { backward, defineOp, gradcheck, type Op } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { randn, type Tensor, tensor } from '../../src/tensor/index.ts';

type Mapper = (x: Tensor, index: number, all: Tensor[]) => Tensor;
const {
  abs,
  clone,
  contiguous,
  erf,
  exp,
  geluTanh,
  glu,
  hardswish,
  log,
  mish,
  neg,
  normalCdf,
  relu,
  sigmoid,
} = ops;
const { softplus, sqrt, square, squaredRelu, swiglu, tanh } = ops;
const ofOneTensor = { abs, clone, contiguous, erf, exp, geluTanh, glu, hardswish, log, mish, neg, normalCdf, relu, sigmoid, softplus, sqrt, square, squaredRelu, swiglu, tanh }; // biome-ignore format: a list

describe('Array.map', () => {
  test.each(Object.entries(ofOneTensor))(
    'over %s gives what a loop gives, in graphs of their own',
    (_name, op) => {
      const leaves = [tensor([0.5, 1.5], { requiresGrad: true }), tensor([0.25, 2], { requiresGrad: true })];
      const inputs = leaves.map((leaf) => ops.mul(leaf, 1));
      const losses = inputs.map(op).map((y) => ops.sum(ops.mul(y, y)));
      const expected = leaves.map((leaf) => ops.sum(ops.square(op(leaf))));
      for (const [i, loss] of losses.entries()) expect(loss.item()).toBeCloseTo(expected[i]!.item(), 5);
      backward(losses[0]!);
      expect(leaves[1]!.grad).toBeNull();
      backward(losses[1]!); // in merged graphs, the first backward would have consumed this one
      const gradients = leaves.map((leaf) => leaf.grad!.toArray());
      for (const leaf of leaves) leaf.zeroGrad();
      for (const loss of expected) backward(loss);
      for (const [i, leaf] of leaves.entries()) expect(leaf.grad!.toArray()).toEqual(gradients[i]);
    },
  );

  test.each<[string, Mapper, string]>([
    ['softmax', ops.softmax as Mapper, 'softmax: the arguments are x and an axis. got 3 arguments. in map, write (x) => softmax(x).'],
    ['logSoftmax', ops.logSoftmax as Mapper, 'logSoftmax: the arguments are x and an axis.'],
    ['cumsum', ops.cumsum, 'cumsum: a list of tensors is an argument that forward declares'],
    ['expandDims', ops.expandDims, 'in map, write (x) => expandDims(x).'],
    ['dropout', ops.dropout, 'in map, write (x) => dropout(x).'],
  ])('over %s, which would take the index for its second argument, is an error', (_name, op, message) => {
    expect(() => [randn([2, 2])].map(op)).toThrow(message);
  }); // biome-ignore format: a table

  test('over an op of the user’s own, whose forward declares one tensor, is an error too', () => {
    const own = defineOp({
      name: 'own',
      forward: (x: Tensor) => ({ output: ops.mul(x, 2), saved: {} }),
      backward: (dy) => [ops.mul(dy, 2)],
    });
    expect(() => [randn([2])].map(own as Mapper)).toThrow('in map, write (x) => own(x)');
  });
});

describe('elementwise', () => {
  const softsign = ops.elementwise({
    name: 'softsign',
    f: (x) => x / (1 + Math.abs(x)),
    df: (x) => 1 / (1 + Math.abs(x)) ** 2,
  });

  test('makes an op of one tensor, which looks at nothing else', () => {
    gradcheck(softsign, [randn([5], { dtype: 'float64' })]);
    expect(softsign.name).toBe('softsign');
    expect((softsign as Mapper)(tensor([1, -3]), 7, []).toArray()).toEqual([0.5, -0.75]);
  });

  test('or of a tensor and a number, if the formula declares one', () => {
    const scaled = ops.elementwise({ name: 'scaled', f: (x, a) => a * x, df: (_x, _y, a) => a });
    expect(scaled(tensor([1, 2]), 3).toArray()).toEqual([3, 6]);
    const slope: Op<[x: Tensor, parameter: number]> = ops.elementwise({ name: 'slope', f: Math.abs, df: (_x, _y, a) => a }); // biome-ignore format: one line
    const x = tensor([1], { requiresGrad: true });
    backward(slope(x, 5));
    expect(x.grad!.item()).toBe(5);
  });
});
