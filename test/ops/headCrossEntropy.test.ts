import { beforeEach, expect, test } from 'vitest';
import { backward } from '../../src/autograd/index.ts';
import { crossEntropy, headCrossEntropy, linear } from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(4));

const names = ['x', 'weight', 'bias'] as const;

/** The value and the gradients of a loss. */
function run(shape: readonly number[], loss: (...inputs: [Tensor, Tensor, Tensor, Tensor]) => Tensor) {
  manualSeed(4);
  const [N, C, V] = shape as [number, number, number];
  const inputs = [randn([N, C]), randn([V, C]), randn([V])] as const;
  for (const input of inputs) input.requiresGrad = true;
  const classes = tensor(
    Array.from({ length: N }, (_, i) => (i % 3 === 2 ? -100 : (i * 7919) % V)),
    { dtype: 'int32' },
  );
  const y = loss(...inputs, classes);
  const value = y.item();
  backward(y);
  return { value, gradients: inputs.map(({ grad }) => grad!) };
}

const plain = (labelSmoothing: number) => (x: Tensor, weight: Tensor, bias: Tensor, classes: Tensor) =>
  crossEntropy(linear(x, weight, bias), classes, { labelSmoothing });
const head = (labelSmoothing: number) => (x: Tensor, weight: Tensor, bias: Tensor, classes: Tensor) =>
  headCrossEntropy(x, weight, classes, { bias, labelSmoothing });

test.each([0, 0.1])('of few logits has the bits of linear and crossEntropy, smoothing %f', (smoothing) => {
  const shape = [150, 8, 300];
  const [expected, got] = [run(shape, plain(smoothing)), run(shape, head(smoothing))];
  expect(got.value).toBe(expected.value);
  for (const [i, name] of names.entries())
    expect(got.gradients[i]!.toArray(), name).toEqual(expected.gradients[i]!.toArray());
});

test.each([0, 0.1])('of many logits is as close to them as float32 is, smoothing %f', (smoothing) => {
  const shape = [300, 8, 2 ** 14];
  const [expected, got] = [run(shape, plain(smoothing)), run(shape, head(smoothing))];
  expect(got.value).toBeCloseTo(expected.value, 5);
  for (const [i, name] of names.entries())
    expectClose(got.gradients[i]!, expected.gradients[i]!.toArray(), 1e-5, name);
});
