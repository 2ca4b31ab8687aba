import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { backward, gradcheck, noGrad } from '../../src/autograd/index.ts';
import { initXavierUniform, initZeros, LSTM, LSTMState } from '../../src/nn/index.ts';
import { concat, slice, sum } from '../../src/ops/index.ts';
import { manualSeed, randn, setDefaultDtype, type Tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(4));

const time = (x: Tensor, start: number, end: number) => slice(x, { axis: 1, start, end });

test('gradients from the input, with zoneout', () => {
  const layer = new LSTM(3, 4, { zoneoutHidden: 0.2, zoneoutCell: 0.4 });
  const seeded = (x: Tensor) => {
    manualSeed(6);
    return layer.forward(x);
  };
  gradcheck(seeded, [randn([2, 5, 3])]);
});

test('starts in U(±1/√H), and the forget gates with 1 more', () => {
  const [H, bound] = [64, 1 / 8];
  const { weightIH, weightHH, bias } = new LSTM(10, H);
  for (const { data } of [weightIH, weightHH]) {
    expect(Math.max(...data)).toBeLessThan(bound);
    expect(Math.min(...data)).toBeGreaterThan(-bound);
    const meanSquare = [...data].reduce((total, value) => total + value ** 2, 0) / data.length;
    expect(Math.abs(meanSquare / (bound ** 2 / 3) - 1)).toBeLessThan(0.1);
  }
  bias.data.forEach((value, i) => {
    expect(Math.abs(value - (i >= H && i < 2 * H ? 1 : 0))).toBeLessThan(bound);
  });
  expect(new LSTM(3, 1, { forgetBias: -9 }).bias.data[1]).toBeLessThan(-7);
});

test('zoneout is random in training, anew each time, and off in evaluation but for its expectation', () => {
  const layer = new LSTM(3, 8, { zoneoutCell: 0.5 });
  const x = randn([1, 6, 3]);
  const run = () => layer.forward(x).toArray();
  expect(run()).not.toEqual(run());
  layer.eval();
  expect(run()).toEqual(run());
  const plain = new LSTM(3, 8);
  plain.loadStateDict(layer.stateDict());
  expect(run()).not.toEqual(plain.eval().forward(x).toArray());
});

test('with a state, piece by piece equals all at once, in evaluation; reset starts anew', () => {
  const layer = new LSTM(3, 4, { zoneoutHidden: 0.3, zoneoutCell: 0.3 }).eval();
  const x = randn([2, 6, 3]);
  const state = new LSTMState([2, 4]);
  const pieces = () =>
    [time(x, 0, 3), time(x, 3, 4), time(x, 4, 6)].map((piece) => layer.forward(piece, { state }));
  const whole = noGrad(() => layer.forward(x)).toArray();
  expectClose(
    noGrad(() => concat(pieces(), 1)),
    whole,
    1e-14,
  );
  expect(noGrad(() => layer.forward(x, { state })).toArray()).not.toEqual(whole);
  state.reset();
  expectClose(concat(pieces(), 1), whole, 1e-14); // also where a graph is recorded
  state.release();
  expect(() => layer.forward(x, { state })).toThrow('a result is read before it is freed');
});

test('no gradient flows through a carried state', () => {
  const layer = new LSTM(3, 4);
  const [x, state] = [randn([1, 4, 3]), new LSTMState([1, 4])];
  x.requiresGrad = true;
  layer.forward(time(x, 0, 2), { state });
  backward(sum(layer.forward(time(x, 2, 4), { state })));
  const [first, second] = [time(x.grad!, 0, 2), time(x.grad!, 2, 4)].map((part) => [...part.toTypedArray()]);
  expect(first!.every((value) => value === 0)).toBe(true);
  expect(second!.every((value) => value !== 0)).toBe(true);
});

test('weights and bias can start otherwise', () => {
  const layer = new LSTM(3, 4, { init: initXavierUniform(), biasInit: initZeros, forgetBias: 2 });
  expect(Math.max(...layer.weightIH.data)).toBeLessThanOrEqual(Math.sqrt(6 / 19));
  expect([...layer.bias.data]).toEqual([0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test.each([
  ['a size', () => new LSTM(0, 3), 'inputs is a whole number ≥ 1. got 0'],
  ['a probability', () => new LSTM(2, 3, { zoneoutCell: 1.5 }), 'zoneoutCell lies in [0, 1). got 1.5'],
  ['an option', () => new LSTM(2, 3, { zoneoutCells: 0 } as never), 'did you mean "zoneoutCell"?'],
  ['a shape', () => new LSTM(2, 3).forward(randn([1, 4, 3])), 'x is (B, T, C)'],
  [
    'a state',
    () => new LSTM(2, 3).forward(randn([1, 4, 2]), { state: new LSTMState([2, 3]) }),
    'h0 has shape (B, H)',
  ],
])('refuses bad input: %s', (_, make, message) => {
  expect(make).toThrow(message);
});
