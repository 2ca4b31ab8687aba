import { describe, expect, test } from 'vitest';
import { gradcheckModule, noGrad } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import {
  BatchNorm,
  Conv1d,
  Conv2d,
  DepthwiseConv1d,
  DropPath,
  initKaimingNormal,
  PatchEmbedding,
  patches,
} from '../../src/nn/index.ts';
import { conv2d } from '../../src/ops/index.ts';
import {
  manualSeed,
  ones,
  randn,
  setDefaultDtype,
  type Tensor,
  tensor,
  zeros,
} from '../../src/tensor/index.ts';

const largest = (x: Tensor) => Math.max(...Array.from(x.toTypedArray(), Math.abs));

test('layers of convolutions: names, shapes and initial values', () => {
  const layer = new Conv2d(4, 6, [3, 5], { stride: 2, padding: 1, groups: 2 });
  expect(layer.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ['weight', [3, 5, 2, 6]],
    ['bias', [6]],
  ]);
  expect(largest(layer.weight)).toBeLessThanOrEqual(1 / Math.sqrt(30));
  expect(largest(layer.weight)).toBeGreaterThan(0.9 / Math.sqrt(30));
  expect(layer.forward(zeros([2, 7, 9, 4])).shape).toEqual([2, 4, 4, 6]);
  expect(new Conv1d(4, 6, 3, { padding: 'same', bias: false }).parameters()).toHaveLength(1);
  expect(new DepthwiseConv1d(4, 3).forward(zeros([2, 7, 4])).shape).toEqual([2, 7, 4]);
  expect(() => new Conv2d(4, 6, 3, { groups: 3 })).toThrow('Conv2d: inputs / groups is a whole number');
  expect(() => new Conv2d(4, 6, 3, { pad: 1 } as object)).toThrow(
    'Conv2d: every option is known. got "pad".',
  );
  expect(() => new Conv1d(4, 6, 3, 'same' as never)).toThrow('Conv1d: options are an object. got "same".');
  expect(() => new DepthwiseConv1d(4, 2)).toThrow('DepthwiseConv1d: the size of a window is odd. got 2.');
});

test('fan-in of a convolution counts the window', () => {
  manualSeed(1);
  const weight = initKaimingNormal(1)([5, 5, 8, 500]);
  const meanSquare = weight.square().mean().item();
  expect(meanSquare * 200).toBeCloseTo(1, 1);
});

describe('BatchNorm', () => {
  test('running statistics follow the batches: biased variance to normalize, unbiased to remember', () => {
    const layer = new BatchNorm(2, { momentum: 0.25 });
    const batch = (values: number[]) => tensor(values.map((value) => [value, value]));
    layer.forward(batch([1, 3, 8]));
    layer.forward(batch([0, 0, 6]));
    const mean = 0.25 * 2 + 0.75 * (0.25 * 4);
    const variance = 0.25 * 12 + 0.75 * (0.25 * 13 + 0.75 * 1); // Σ(x − mean)²/2 is 13 and 12
    expect(layer.runningMean.data[0]).toBeCloseTo(mean, 6);
    expect(layer.runningVariance.data[1]).toBeCloseTo(variance, 5);
    layer.eval();
    const y = layer.forward(batch([5])).toArray() as number[][];
    expect(y[0]![0]).toBeCloseTo((5 - mean) / Math.sqrt(variance + 1e-5), 5);
    expect([...layer.stateDict().keys()]).toEqual(['gain', 'bias', 'runningMean', 'runningVariance']);
    expect(layer.parameters()).toHaveLength(2);
  });

  test('in evaluation nothing is remembered, and one example is enough', () => {
    const layer = new BatchNorm(3).eval();
    layer.forward(randn([1, 3]));
    expect(layer.runningMean.toArray()).toEqual([0, 0, 0]);
    expect(() => layer.train().forward(randn([1, 3]))).toThrow(
      'BatchNorm: a batch to train on has more than one value for each channel. got 1.',
    );
  });

  test('gradients of the layer in both modes', () => {
    setDefaultDtype('float64');
    try {
      const [x, push] = [randn([4, 3]), randn([4, 3])];
      for (const layer of [new BatchNorm(3), new BatchNorm(3).eval()]) {
        gradcheckModule(layer, () => layer.forward(x).mul(push).sum());
      }
    } finally {
      setDefaultDtype('float32');
    }
  });
});

test('a patch embedding is the convolution whose windows do not overlap', () => {
  const layer = new PatchEmbedding([2, 3], 4, 5);
  const x = randn([2, 4, 9, 4]);
  const weight = layer.projection.weight.transpose().reshape([2, 3, 4, 5]);
  const expected = conv2d(x, weight, layer.projection.bias, { stride: [2, 3] }).reshape([2, 6, 5]);
  expect(largest(layer.forward(x).sub(expected))).toBeLessThan(1e-5);
});

test('tubelets of films: time, height and width are cut alike', () => {
  const film = randn([1, 4, 4, 6, 2]);
  const cut = patches(film, [2, 2, 3]);
  expect(cut.shape).toEqual([1, 8, 24]);
  const all = film.toArray() as number[][][][][];
  // tubelet 5 stands at (1, 0, 1); its number 7 is (0, 1, 0, 1): time 2, row 1, column 3, channel 1
  expect((cut.toArray() as number[][][])[0]![5]![7]).toBe(all[0]![2]![1]![3]![1]);
  expect(() => patches(film, [3, 2, 3])).toThrow(
    'patches: the axes between batch and channels are multiples of',
  );
});

test('DropPath drops whole examples, and keeps the mean', () => {
  manualSeed(3);
  const layer = new DropPath(0.25);
  const y = layer.forward(ones([4000, 2, 3])).toArray() as number[][][];
  const kinds = new Set(y.map((example) => JSON.stringify(example)));
  expect(kinds.size).toBe(2); // all 0, or all 1/(1 − p)
  const mean = y.reduce((sum, example) => sum + example[0]![0]!, 0) / y.length;
  expect(mean).toBeCloseTo(1, 1);
  const x = randn([2, 3]);
  expect(noGrad(() => layer.eval().forward(x))).toBe(x);
});
