/** Values and gradients of the general ops against PyTorch's (test/golden/ops.py). */
import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { type NestedArray, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Case {
  readonly inputs: NestedArray[];
  readonly output: NestedArray;
  readonly upstream: NestedArray;
  readonly gradients: NestedArray[];
}

const { cases, ...shared } = golden<{
  readonly ties: NestedArray;
  readonly index: NestedArray;
  readonly short: NestedArray;
  readonly argmax: { readonly flat: number; readonly axis1: NestedArray; readonly kept: NestedArray };
  readonly cases: Record<string, Case>;
}>('ops');

const mask = ops.greater(tensor(shared.ties), 0);
const index = tensor(shared.index, { dtype: 'int32' });
const short = tensor(shared.short, { dtype: 'int32' });

type Run = (a: Tensor, b: Tensor, c: Tensor) => Tensor;

const runs: Record<string, Run> = {
  sub: ops.sub,
  'sub from number': (a) => ops.sub(2, a),
  neg: ops.neg,
  div: ops.div,
  'div by number': (a) => ops.div(a, 3),
  'div of number': (a) => ops.div(3, a),
  'pow number': (a) => ops.pow(a, 3),
  'pow fraction': (a) => ops.pow(a, -1.5),
  'pow corners, exponent 0': (a) => ops.pow(a, 0),
  'pow corners, exponent 1': (a) => ops.pow(a, 1),
  'pow corners, exponent 2': (a) => ops.pow(a, 2),
  pow: ops.pow,
  'pow corners': ops.pow,
  'pow of number': (b) => ops.pow(2, b),
  'pow of zero': (b) => ops.pow(0, b),
  exp: (a) => ops.exp(a),
  log: (a) => ops.log(a),
  sqrt: (a) => ops.sqrt(a),
  square: (a) => ops.square(a),
  abs: (a) => ops.abs(a),
  maximum: ops.maximum,
  'maximum broadcast': ops.maximum,
  minimum: ops.minimum,
  clamp: (a) => ops.clamp(a, { min: -1, max: 1 }),
  'clamp min': (a) => ops.clamp(a, { min: 0.1 }),
  'clamp max': (a) => ops.clamp(a, { max: 0.1 }),
  'clamp crossed': (a) => ops.clamp(a, { min: 1, max: -1 }),
  where: (a, b) => ops.where(mask, a, b),
  maskedFill: (a) => ops.maskedFill(a, mask, -9),
  mean: (a) => ops.mean(a),
  'mean of axes': (a) => ops.mean(a, [0, 2], { keepDims: true }),
  'max along axis': (a) => ops.max(a, 1),
  'max along axis, kept': (a) => ops.max(a, -1, { keepDims: true }),
  'max over axes': (a) => ops.max(a, [0, 2]),
  'max over all': (a) => ops.max(a),
  'max over one listed axis': (a) => ops.max(a, [1], { keepDims: true }),
  'min along axis': (a) => ops.min(a, 1),
  'min over axes': (a) => ops.min(a, [0, 2]),
  variance: (a) => ops.variance(a),
  'variance of axes': (a) => ops.variance(a, [0, 2], { correction: 0, keepDims: true }),
  cumsum: (a) => ops.cumsum(a, 1),
  slice: (a) => ops.slice(a, { axis: 1, start: 1, end: 3 }, { axis: -1, step: 2 }),
  'slice negative': (a) =>
    ops.slice(a, { axis: 0, start: -1 }, { axis: 1, end: -1 }, { axis: 2, start: -3, end: -1 }),
  select: (a) => ops.select(a, 1, -2),
  concat: (a, b) => ops.concat([a, b, a], 1),
  stack: (a, b) => ops.stack([a, b], -1),
  split: (a) => ops.mul(ops.split(a, [1, 2], 1)[1]!, ops.split(a, 1, 1)[2]!),
  gather: (a) => ops.gather(a, 1, index),
  'gather short': (a) => ops.gather(a, 2, short),
  broadcastTo: (a) => ops.broadcastTo(a, [2, 3, 4]),
  expandDims: (a) => ops.expandDims(a, -2),
  squeeze: (a) => ops.squeeze(a),
  flatten: (a) => ops.flatten(ops.transpose(a, 0, 2), 1),
  contiguous: (a) => ops.mul(ops.contiguous(ops.transpose(a, 0, 2)), ops.transpose(a, 0, 2)),
  equal: (a, b) => ops.mul(ops.equal(a, b), a),
  less: (a, b) => ops.mul(ops.less(a, b), a),
  lessEqual: (a, b) => ops.mul(ops.lessEqual(a, b), a),
  greater: (a, b) => ops.mul(ops.greater(a, b), a),
  greaterEqual: (a, b) => ops.mul(ops.greaterEqual(a, b), a),
  notEqual: (a, b) => ops.mul(ops.notEqual(a, b), a),
  add: ops.add,
  mul: ops.mul,
  sum: (a) => ops.sum(a, [0, 2]),
  matmul: (a, b) => ops.matmul(a, ops.transpose(b)),
  permute: (a) => ops.mul(ops.permute(a, [2, 0, 1]), 1),
  reshape: (a) => ops.reshape(ops.transpose(a, 0, 1), [4, 6]),
  linear: (a, b, c) => ops.linear(a, b, c),
};

test('every golden case is run', () => {
  expect(Object.keys(runs).sort()).toEqual(Object.keys(cases).sort());
});

describe.each(Object.entries(cases))('%s', (name, { inputs, output, upstream, gradients }) => {
  test.each([
    ['float64', 1e-12],
    ['float32', 1e-6],
  ] as const)('%s', (dtype, tolerance) => {
    const leaves = inputs.map((values) => tensor(values, { dtype, requiresGrad: true }));
    const y = runs[name]!(...(leaves as [Tensor, Tensor, Tensor]));
    expectClose(y, output, tolerance);
    backward(y, tensor(upstream, { dtype }));
    leaves.forEach((leaf, i) => {
      expectClose(leaf.grad!, gradients[i]!, tolerance, `gradient ${i}`);
    });
  });
});

test('argmax', () => {
  const ties = tensor(shared.ties);
  expect(ops.argmax(ties).item()).toBe(shared.argmax.flat);
  expectClose(ops.argmax(ties, 1), shared.argmax.axis1, 0);
  expectClose(ops.argmax(ties, -1, { keepDims: true }), shared.argmax.kept, 0);
  expect(ops.argmax(ties, 1).dtype).toBe('int32');
});
