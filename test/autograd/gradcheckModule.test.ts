import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { defineOp, gradcheckModule } from '../../src/autograd/index.ts';
import { Linear, Module, Parameter } from '../../src/nn/index.ts';
import { add, mul, square, sum } from '../../src/ops/index.ts';
import { manualSeed, ones, randn, setDefaultDtype, type Tensor, tensor } from '../../src/tensor/index.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(6));

const gpt = () =>
  new GPT({
    vocabSize: 7,
    context: 5,
    layers: 2,
    heads: 2,
    width: 8,
    bias: true,
    initStd: 0.5,
    dropout: 0.2,
  }).eval();
const tokens = () => tensor([[1, 2, 3, 4, 5], [0, 6, 6, 1, 2]], { dtype: 'int32' }); // biome-ignore format: rows
const targets = () => tensor([[2, 3, 4, 5, 6], [6, 6, 1, 2, 0]], { dtype: 'int32' }); // biome-ignore format: rows

/** x ⊙ scale, whose gradient for the scale lacks a factor x. */
const scaled = defineOp({
  name: 'scaled',
  forward: (x: Tensor, scale: Tensor) => ({ output: mul(x, scale), saved: { scale } }),
  backward: (dy, { scale }) => [mul(dy, scale), dy],
});

class Wrong extends Module {
  readonly first = new Linear(3, 3);
  readonly inner = { scale: new Parameter(ones([3]), { role: 'gain' }) };

  forward(x: Tensor): Tensor {
    return scaled(this.first.forward(x), this.inner.scale);
  }
}

test('every parameter of a GPT, the shared one too', () => {
  const model = gpt();
  const before = model.stateDict();
  gradcheckModule(model, () => model.loss(tokens(), targets()), { atol: 1e-8, rtol: 1e-6 });
  for (const [name, parameter] of model.namedParameters()) {
    expect(parameter.toArray(), name).toEqual(before.get(name)!.toArray());
    expect(parameter.grad, name).toBeNull();
  }
});

test('a wrong gradient names its parameter, one that is missing too', () => {
  const model = new Wrong();
  const x = randn([2, 3]);
  expect(() => gradcheckModule(model, () => sum(square(model.forward(x))))).toThrow(
    /^gradcheckModule: backward is the derivative of forward\. got \S+, expected \S+ \(parameter inner\.scale, along a random direction\)\.$/,
  );
  expect(model.inner.scale.toArray()).toEqual([1, 1, 1]);
  const cut = () => sum(add(square(model.first.forward(x)), tensor(model.inner.scale.toTypedArray())));
  expect(() => gradcheckModule(model, cut)).toThrow(/got 0, expected \S+ \(parameter inner\.scale/);
});

test('an error in the loss leaves the parameters as they were', () => {
  const model = new Linear(2, 2);
  const before = model.weight.toArray();
  let calls = 0;
  const loss = () => {
    if (++calls === 2) throw new Error('enough');
    return sum(model.forward(ones([1, 2])));
  };
  expect(() => gradcheckModule(model, loss)).toThrow('enough');
  expect([model.weight.toArray(), model.weight.grad]).toEqual([before, null]);
});

test('bad calls', () => {
  const model = new Linear(2, 2);
  const loss = () => sum(model.forward(ones([1, 2])));
  expect(() => gradcheckModule(model, loss, { eps: 0 })).toThrow('gradcheckModule: eps is > 0. got 0.');
  expect(() => gradcheckModule(model, loss, { tol: 1 } as never)).toThrow('did you mean "atol"?');
  expect(() => gradcheckModule(model, loss() as never)).toThrow('gradcheckModule: the loss is a function');
  setDefaultDtype('float32');
  const single = new Linear(2, 2);
  setDefaultDtype('float64');
  expect(() => gradcheckModule(single, loss)).toThrow(
    'gradcheckModule: parameters are float64 (differences drown in the rounding of float32). got weight in float32.',
  );
});
