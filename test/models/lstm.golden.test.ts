import { afterEach, describe, expect, test } from 'vitest';
import { LSTMLanguageModel } from '../../models/lstm.ts';
import { backward } from '../../src/autograd/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Case {
  name: string;
  size: { vocabSize: number; width: number; hidden: number; layers: number };
  zoneoutHidden: number;
  zoneoutCell: number;
  tiedHead: boolean;
  parameters: Record<string, NestedArray>;
  tokens: NestedArray;
  targets: NestedArray;
  scores: NestedArray;
  loss: number;
  gradients: Record<string, NestedArray>;
}

const { cases } = golden<{ cases: Case[] }>('lstm');

afterEach(() => setDefaultDtype('float32'));

describe.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('LSTMLanguageModel in %s equals PyTorch', (dtype, tolerance) => {
  test.each(cases)('$name: scores, loss and every gradient', (golden) => {
    setDefaultDtype(dtype);
    const { size, zoneoutHidden, zoneoutCell, tiedHead, parameters } = golden;
    const model = new LSTMLanguageModel({ ...size, zoneoutHidden, zoneoutCell, tiedHead }).eval();
    model.loadStateDict(new Map(Object.entries(parameters).map(([name, values]) => [name, tensor(values)])));
    const [tokens, targets] = [golden.tokens, golden.targets].map((values) =>
      tensor(values, { dtype: 'int32' }),
    );
    expectClose(model.forward(tokens!), golden.scores, tolerance, 'scores');
    const loss = model.loss(tokens!, targets!);
    backward(loss);
    expectClose(loss.item(), golden.loss, tolerance, 'loss');
    const names = model.namedParameters().map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(golden.gradients).sort());
    for (const [name, parameter] of model.namedParameters()) {
      expectClose(parameter.grad!, golden.gradients[name]!, tolerance, name);
    }
  });
});
