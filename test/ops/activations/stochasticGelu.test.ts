import { afterEach, expect, test } from 'vitest';
import { backward, gradcheck, noGrad } from '../../../src/autograd/index.ts';
import { Activation, FeedForward } from '../../../src/nn/index.ts';
import { gelu, normalCdfOf, relu, stochasticGelu } from '../../../src/ops/index.ts';
import { manualSeed, ones, randn, setDefaultDtype, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { expectClose } from '../../support/golden.ts';

const float64 = { dtype: 'float64' } as const;
const values = (x: Tensor) => [...x.toTypedArray()];

afterEach(() => setDefaultDtype('float32'));

test('its mean over many seeds is gelu(x), within 5 standard errors', () => {
  manualSeed(1);
  const x = tensor([-3, -1.5, -0.75, -0.1, 0, 0.3, 1, 2, 4], float64);
  const draws = 20_000;
  const totals = new Float64Array(x.size);
  for (let i = 0; i < draws; i++) {
    for (const [j, value] of stochasticGelu(x).data.entries()) totals[j]! += value;
  }
  for (const [j, mean] of gelu(x).data.entries()) {
    const open = normalCdfOf(x.data[j]!);
    const standardError = Math.abs(x.data[j]!) * Math.sqrt((open * (1 - open)) / draws);
    expect(Math.abs(totals[j]! / draws - mean), `at ${x.data[j]}`).toBeLessThanOrEqual(5 * standardError);
  }
});

test('each element has a gate of its own: the share that passes at x is Φ(x)', () => {
  manualSeed(2);
  const n = 100_000;
  for (const at of [-1, 0.5]) {
    const y = stochasticGelu(tensor(new Float32Array(n).fill(at)));
    const passed = values(y).filter((value) => value === at).length;
    expect(passed + values(y).filter((value) => value === 0).length).toBe(n);
    const open = normalCdfOf(at);
    expect(Math.abs(passed / n - open)).toBeLessThan(5 * Math.sqrt((open * (1 - open)) / n));
  }
});

test('the gradient passes the same gates, and none flows through their probability', () => {
  const x = tensor(new Float64Array(200).fill(-0.5), { requiresGrad: true });
  const y = stochasticGelu(x);
  const mask = values(y).map((value) => (value === 0 ? 0 : 1));
  expect(new Set(mask)).toEqual(new Set([0, 1]));
  backward(y, ones([200], float64));
  expect(values(x.grad!)).toEqual(mask);
});

test('gradcheck under one seed, of both modes', () => {
  const seeded = (x: Tensor) => {
    manualSeed(3);
    return stochasticGelu(x);
  };
  gradcheck(seeded, [randn([4, 5], float64)]);
  gradcheck((x) => stochasticGelu(x!, { training: false }), [randn([4, 5], float64)]);
});

test('two calls differ, manualSeed brings the first back; evaluation is gelu and draws nothing; NaN comes through', () => {
  const x = randn([64]);
  manualSeed(11);
  const first = values(stochasticGelu(x));
  const second = values(stochasticGelu(x));
  expect(second).not.toEqual(first);
  manualSeed(11);
  expect(values(stochasticGelu(x, { training: false }))).toEqual(values(gelu(x)));
  expect(values(stochasticGelu(x))).toEqual(first);
  expect(values(stochasticGelu(tensor([Number.NaN])))).toEqual([Number.NaN]);
});

test('plugged into a layer, by name or as a function, it draws in training and not in evaluation', () => {
  setDefaultDtype('float64');
  for (const activation of ['stochasticGelu', stochasticGelu] as const) {
    manualSeed(5);
    const layer = new FeedForward(6, { activation });
    const x = randn([2, 3, 6]);
    const run = () => noGrad(() => layer.forward(x));
    expect(values(run())).not.toEqual(values(run()));
    layer.eval();
    const plain = new FeedForward(6, { activation: 'gelu' });
    plain.loadStateDict(layer.stateDict());
    expectClose(run(), plain.forward(x).toArray(), 1e-15);
    expect(values(run())).toEqual(values(run()));
  }
});

test('says that it is stochastic, and its name; others are not told of a mode', () => {
  expect(stochasticGelu.stochastic).toBe(true);
  expect(stochasticGelu.name).toBe('stochasticGelu');
  expect('stochastic' in relu).toBe(false);
  const given: unknown[][] = [];
  const spy = (...args: unknown[]) => {
    given.push(args);
    return args[0] as Tensor;
  };
  const x = ones([1]);
  new Activation(spy).forward(x);
  expect(given).toEqual([[x]]);
  // @ts-expect-error a misspelt option
  expect(() => stochasticGelu(x, { train: true })).toThrow(
    'stochasticGelu: every option is known. got "train".',
  );
});
