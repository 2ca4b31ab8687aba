import { expect, test } from 'vitest';
import { backward, receiveGradients } from '../../src/autograd/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { add, mul, sum } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

test('a receiver gets each gradient of a leaf by itself, in the order of their sum, and grad stays', () => {
  const x = new Parameter(tensor([2, 3]), { role: 'weight' });
  const loss = () => add(sum(mul(x, tensor([10, 20]))), sum(mul(x, tensor([5, 7]))));
  backward(loss());
  const total = x.grad!.toTypedArray();
  const got: Tensor[] = [];
  receiveGradients(x, (gradient) => got.push(gradient));
  backward(loss());
  expect(x.grad!.data).toEqual(total);
  expect(got.map(({ data }) => [...data])).toEqual([
    [5, 7],
    [10, 20],
  ]);
  receiveGradients(x, null);
  backward(loss());
  expect([...x.grad!.data]).toEqual([30, 54]);
  expect(got).toHaveLength(2);
});
