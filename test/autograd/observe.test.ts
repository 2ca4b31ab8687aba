/** Looking at a graph and at its backward: what is seen is what is computed, and looking changes no bit. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GPT } from '../../models/index.ts';
import { type BackwardStep, backward, recordedCalls } from '../../src/autograd/index.ts';
import { add, mul, square, sum } from '../../src/ops/index.ts';
import { manualSeed, type Tensor, tensor } from '../../src/tensor/index.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

// Released blocks are filled with NaN: a stale read anywhere below shows.
beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

const leaf = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const numbers = (x: Tensor | null) => x && [...x.toTypedArray()];

test('the calls of a graph are listed in the order in which they ran', () => {
  const x = leaf([1, 2]);
  const y = square(x);
  const loss = sum(mul(add(y, x), y));
  const calls = recordedCalls(loss);
  expect(calls.map(({ name }) => name)).toEqual(['square', 'add', 'mul', 'sum']);
  expect(calls[1]!.inputs).toEqual([y, x]);
  expect(calls[3]!.outputs[0]).toBe(loss);
  expect(recordedCalls(y).map(({ name }) => name)).toEqual(['square']);
  expect(recordedCalls(x)).toEqual([]);
});

test('each step of backward is seen, with its own summand of each gradient', () => {
  const x = leaf([1, 2]);
  const y = square(x);
  const seen: unknown[] = [];
  const observe = ({ call, outputGradients, inputGradients }: BackwardStep) =>
    seen.push([
      call.name,
      outputGradients.map(numbers),
      inputGradients.map(numbers),
      numbers(call.outputs[0]!),
    ]);
  backward(sum(mul(add(y, x), y)), undefined, { observe });
  expect(seen).toEqual([
    ['sum', [[1]], [[1, 1]], [26]], // (1 + 1)·1 + (4 + 2)·4
    [
      'mul',
      [[1, 1]],
      [
        [1, 4],
        [2, 6],
      ],
      [2, 24],
    ],
    [
      'add',
      [[1, 4]],
      [
        [1, 4],
        [1, 4],
      ],
      [2, 6],
    ],
    ['square', [[3, 10]], [[6, 40]], [1, 4]],
  ]);
  expect(numbers(x.grad)).toEqual([1 + 6, 4 + 40]);
});

test('observing changes no bit of a gradient, and the summands add up to every one', () => {
  const gradients = (observe?: (step: BackwardStep) => void) => {
    manualSeed(3);
    const model = new GPT({ vocabSize: 7, context: 5, layers: 2, heads: 2, width: 8, bias: true });
    const ids = (values: number[]) => tensor([values], { dtype: 'int32' });
    backward(model.loss(ids([1, 2, 3, 4, 5]), ids([2, 3, 4, 5, 6])), undefined, { observe });
    return model.namedParameters().map(([name, parameter]) => [name, numbers(parameter.grad)]);
  };
  const plain = gradients();
  const sums = new Map<Tensor, number[]>();
  const observed = gradients(({ call, inputGradients }) => {
    for (const [i, given] of inputGradients.entries()) {
      if (given === null) continue;
      const sofar = sums.get(call.inputs[i]!);
      sums.set(
        call.inputs[i]!,
        [...given.toTypedArray()].map((value, j) => value + (sofar?.[j] ?? 0)),
      );
    }
  });
  expect(observed).toEqual(plain);
  expect(sums.size).toBeGreaterThan(40);
});

test('what observes is a function', () => {
  const wrong = { observe: 3 } as object;
  expect(() => backward(sum(leaf([1])), undefined, wrong)).toThrow('backward: observe is a function. got 3');
});
