import { describe, expect, test } from 'vitest';
import {
  type Init,
  initKaimingNormal,
  initKaimingUniform,
  initNormal,
  initResidual,
  initTruncatedNormal,
  initUniform,
  initXavierNormal,
  initXavierUniform,
  Linear,
} from '../../src/nn/index.ts';
import { manualSeed } from '../../src/tensor/index.ts';

const [outputs, inputs] = [200, 300];

function moments(init: Init) {
  manualSeed(11);
  const data = init([outputs, inputs]).data;
  let [sum, squares, largest] = [0, 0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  return { mean: sum / data.length, std: Math.sqrt(squares / data.length), largest };
}

/**
 * Standard deviation, and bound where there is one, of each; a variance of n numbers has relative error about
 * √(2/n).
 */
const uniform = (bound: number) => ({ std: bound / Math.sqrt(3), bound });
const cases: [string, Init, { std: number; bound?: number }][] = [
  ['normal', initNormal(0.02), { std: 0.02 }],
  [
    'truncated normal',
    initTruncatedNormal(0.02),
    { std: 0.02 * Math.sqrt(1 - (4 * Math.exp(-2)) / Math.sqrt(2 * Math.PI) / 0.954499736), bound: 0.04 },
  ],
  ['uniform', initUniform(-0.3, 0.3), uniform(0.3)],
  ['Xavier uniform', initXavierUniform(), uniform(Math.sqrt(6 / (inputs + outputs)))],
  ['Xavier normal', initXavierNormal(2), { std: 2 * Math.sqrt(2 / (inputs + outputs)) }],
  ['Kaiming uniform', initKaimingUniform(), uniform(Math.sqrt(6 / inputs))],
  ['Kaiming normal', initKaimingNormal(), { std: Math.sqrt(2 / inputs) }],
  ['residual, 6 layers', initResidual(6), { std: 0.02 / Math.sqrt(12) }],
];

describe('initial values', () => {
  test.each(cases)('%s has its mean, its deviation and its bound', (_, init, { std, bound }) => {
    const got = moments(init);
    expect(Math.abs(got.mean)).toBeLessThan((5 * std) / Math.sqrt(outputs * inputs));
    expect(Math.abs(got.std / std - 1)).toBeLessThan(5 * Math.sqrt(0.5 / (outputs * inputs)));
    if (bound) {
      expect(got.largest).toBeLessThanOrEqual(Math.fround(bound));
      expect(got.largest).toBeGreaterThan(0.99 * bound);
    }
  });

  test('Linear starts as in PyTorch: weight and bias uniform in ±1/√in', () => {
    manualSeed(5);
    const { weight, bias } = new Linear(100, 400);
    for (const parameter of [weight, bias!]) {
      const largest = Math.max(...parameter.data);
      expect(largest).toBeLessThanOrEqual(0.1);
      expect(largest).toBeGreaterThan(0.098);
    }
  });

  test('the same seed gives the same values; fans need a matrix', () => {
    manualSeed(3);
    const first = initNormal()([5]).toArray();
    manualSeed(3);
    expect(initNormal()([5]).toArray()).toEqual(first);
    expect(() => initXavierNormal()([5])).toThrow(
      "fan-in and fan-out are those of a weight (out, in), or of a convolution's. got (5)",
    );
  });
});
