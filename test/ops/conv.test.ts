import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import {
  avgPool2d,
  conv1d,
  conv2d,
  depthwiseConv1d,
  maxPool2d,
  mean,
  pad,
  unfold,
} from '../../src/ops/index.ts';
import { arange, randn, type Tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const double = (...shape: number[]) => randn(shape, { dtype: 'float64' });

test.each([
  ['plain', {}],
  ['stride 2, padding 1', { stride: 2, padding: 1 }],
  ['pairs', { stride: [2, 1], padding: [0, 2], dilation: [1, 2] }],
  ['groups', { groups: 2, padding: 1 }],
  ['depthwise', { groups: 4, padding: 1 }],
  ['same', { padding: 'same' }],
  ['1×1', {}],
] as const)('conv2d %s', (name, options) => {
  expectGolden(`conv2d ${name}`, (x, w, bias) => conv2d(x!, w!, bias!, options));
});

test('conv2d without bias', () => {
  expectGolden('conv2d without bias', (x, w) => conv2d(x!, w!));
});

test.each([
  ['plain', {}],
  ['stride 2, padding 1, dilation 2', { stride: 2, padding: 1, dilation: 2 }],
  ['groups', { groups: 2, padding: 1 }],
  ['same', { padding: 'same' }],
] as const)('conv1d %s', (name, options) => {
  expectGolden(`conv1d ${name}`, (x, w, bias) => conv1d(x!, w!, bias!, options));
});

test.each([1, 5, 15])('depthwiseConv1d, kernel %i', (k) => {
  expectGolden(`depthwiseConv1d ${k}`, (x, w, bias) => depthwiseConv1d(x!, w!, bias!));
});

test('gradients of convolutions, with random options', () => {
  gradcheck(
    (x, w, b) => conv2d(x, w, b, { stride: [1, 2], padding: [2, 1], dilation: [2, 1], groups: 3 }),
    [double(2, 5, 6, 3), double(3, 2, 1, 6), double(6)],
  );
  gradcheck((x, w) => conv1d(x, w, null, { stride: 3, padding: 2 }), [double(2, 8, 2), double(4, 2, 3)]);
  gradcheck((x, w, b) => depthwiseConv1d(x, w, b), [double(2, 4, 3), double(7, 3), double(3)]);
  gradcheck((x, w) => depthwiseConv1d(x.transpose(), w), [double(2, 3, 4), double(3, 3)]);
});

describe('pooling', () => {
  test.each(['', ' with ties'])('maxPool2d%s', (label) => {
    expectGolden(`maxPool2d 2${label}`, (x) => maxPool2d(x!, 2));
    expectGolden(`maxPool2d 3, stride 2, padding 1${label}`, (x) =>
      maxPool2d(x!, 3, { stride: 2, padding: 1 }),
    );
  });

  test('avgPool2d, and the mean of whole images', () => {
    expectGolden('avgPool2d 2', (x) => avgPool2d(x!, 2));
    expectGolden('avgPool2d 3, stride 2, padding 1', (x) => avgPool2d(x!, 3, { stride: 2, padding: 1 }));
    expectGolden('avgPool2d all', (x) => mean(x!, [1, 2]));
  });
});

test('unfold: an element stands once for each window that sees it', () => {
  const x = arange(5, { dtype: 'float32' }).reshape([5, 1]);
  const windows = unfold(x, [{ axis: 0, size: 3, stride: 1, dilation: 1 }]);
  expect(windows.reshape([3, 3]).toArray()).toEqual([[0, 1, 2], [1, 2, 3], [2, 3, 4]]); // biome-ignore format: rows
  expect(windows.storage).toBe(x.storage);
  const sparse = unfold(x, [{ axis: 0, size: 2, stride: 2, dilation: 2 }]);
  expect(sparse.reshape([2, 2]).toArray()).toEqual([[0, 2], [2, 4]]); // biome-ignore format: rows
  gradcheck(
    (x: Tensor) =>
      unfold(x, [
        { axis: 1, size: 2, stride: 1, dilation: 2 },
        { axis: 2, size: 3, stride: 2, dilation: 1 },
      ]),
    [double(2, 5, 6, 2)],
  );
});

test('pad: any value around, the gradient of the middle', () => {
  expect(pad(zeros([1, 2]), [[1, 0], [0, 2]], 7).toArray()).toEqual([[7, 7, 7, 7], [0, 0, 7, 7]]); // biome-ignore format: rows
  gradcheck(
    (x: Tensor) =>
      pad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        -1,
      ),
    [double(3, 2)],
  );
  expect(() => pad(zeros([2]), [[1, -1]])).toThrow(
    'pad: there are two whole numbers ≥ 0 for each of the 1 axes. got [[1,-1]].',
  );
});

test('bad input', () => {
  const x = zeros([2, 5, 6, 4]);
  expect(() => conv2d(x, zeros([3, 3, 3, 5]))).toThrow(
    'conv2d: the weight is for the 4 inputs of a group. got',
  );
  expect(() => conv2d(x, zeros([3, 3, 4, 5]), zeros([4]))).toThrow(
    'conv2d: the bias has shape (5). got (4).',
  );
  expect(() => conv2d(x, zeros([3, 3, 4, 5]), null, { groups: 2 })).toThrow(
    'conv2d: groups divide both the 4 inputs and the 5 outputs. got 2.',
  );
  expect(() => conv2d(x, zeros([3, 3, 4, 5]), null, { stride: 0 })).toThrow(
    'conv2d: stride is a whole number ≥ 1, or a pair of them. got 0.',
  );
  expect(() => conv2d(x, zeros([7, 3, 4, 5]))).toThrow(
    'unfold: a window fits into its axis. got a window over 7',
  );
  expect(() => conv2d(x, zeros([3, 3, 4, 5]), null, { pad: 1 } as object)).toThrow(
    'conv2d: every option is known',
  );
  expect(() => conv1d(x, zeros([3, 4, 5]))).toThrow(
    'conv1d: x is (B, T, Cin) and the weight (k, Cin/groups, Cout)',
  );
  expect(() => depthwiseConv1d(zeros([2, 5, 4]), zeros([2, 4]))).toThrow(
    'x is (B, T, C) and the weight (k, C), k odd',
  );
  expect(() => maxPool2d(x, 2, { padding: 2 })).toThrow(
    'maxPool2d: the padding is at most half of the window',
  );
  expect(() => maxPool2d(zeros([2, 4]), 2)).toThrow('maxPool2d: x is (B, H, W, C). got (2, 4).');
});
