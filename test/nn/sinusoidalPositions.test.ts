import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/index.ts';
import { SinusoidalPositions } from '../../src/nn/index.ts';
import { add } from '../../src/ops/index.ts';
import { ones } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const positions = new SinusoidalPositions(50, 6);

/** The formula, channel by channel. */
const row = (p: number, C: number) =>
  Array.from({ length: C }, (_, c) => {
    const i = Math.floor(c / 2);
    return c === 2 * i ? Math.sin(p / 10000 ** ((2 * i) / C)) : Math.cos(p / 10000 ** ((2 * i) / C));
  });

test('sines at even channels, cosines at odd ones, from the start that is asked for', () => {
  expectClose(positions.forward(3), [row(0, 6), row(1, 6), row(2, 6)], 1e-7);
  expectClose(positions.forward(2, 48), [row(48, 6), row(49, 6)], 1e-6);
  expectClose(new SinusoidalPositions(4, 3).forward(1, 3), [row(3, 3)], 1e-7);
});

test('is added to tokens, has no parameters and no state, and lets gradients pass', () => {
  const tokens = ones([2, 4, 6], { requiresGrad: true });
  const x = add(tokens, positions.forward(4, 1));
  expect(x.array.get(1, 2, 5)).toBeCloseTo(1 + Math.cos(3 / 10000 ** (4 / 6)), 6);
  backward(x, ones([2, 4, 6]));
  expect(tokens.grad!.toArray()).toEqual(ones([2, 4, 6]).toArray());
  expect(positions.parameters()).toEqual([]);
  expect(positions.stateDict().size).toBe(0);
  expect(positions.forward(4, 1).toArray(), 'the table outlives the graph').toEqual(
    new SinusoidalPositions(50, 6).forward(4, 1).toArray(),
  );
});

test('beyond the context is an error', () => {
  expect(() => positions.forward(51)).toThrow(
    'SinusoidalPositions: positions start … start + T − 1 lie within the context, 50. got start 0, T 51. cut the input',
  );
  expect(() => positions.forward(3, 48)).toThrow('got start 48, T 3');
  expect(() => positions.forward(2, -1)).toThrow('got start -1, T 2');
  expect(() => new SinusoidalPositions(0, 4)).toThrow('context is a whole number ≥ 1. got 0');
});
