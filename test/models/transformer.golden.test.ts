import { afterEach, expect, test } from 'vitest';
import { Transformer } from '../../models/transformer.ts';
import { backward } from '../../src/autograd/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Golden {
  size: {
    vocabSize: number; width: number; heads: number; hidden: number; layers: number;
    dropout: number; labelSmoothing: number;
  }; // biome-ignore format: two lines read better
  source: NestedArray;
  padding: NestedArray;
  target: NestedArray;
  targets: NestedArray;
  parameters: Record<string, NestedArray>;
  scores: NestedArray;
  loss: number;
  gradients: Record<string, NestedArray>;
}

const { size, source, padding, target, targets, parameters, scores, loss, gradients } =
  golden<Golden>('transformer');
const ids = (values: NestedArray) => tensor(values, { dtype: 'int32' });

afterEach(() => setDefaultDtype('float32'));

test.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('in %s, scores, loss and every gradient are those of PyTorch', (dtype, tolerance) => {
  setDefaultDtype(dtype);
  const model = new Transformer(size);
  model.loadStateDict(new Map(Object.entries(parameters).map(([name, values]) => [name, tensor(values)])));
  const batch = { tokens: ids(source), keyPaddingMask: ids(padding), target: ids(target) };
  expectClose(model.forward(batch), scores, tolerance, 'scores');
  const ours = model.loss(batch, ids(targets));
  backward(ours);
  expectClose(ours.item(), loss, tolerance, 'loss');
  const names = model.namedParameters().map(([name]) => name);
  expect(names.sort()).toEqual(Object.keys(gradients).sort());
  for (const [name, parameter] of model.namedParameters()) {
    expectClose(parameter.grad!, gradients[name]!, tolerance, name);
  }
});
