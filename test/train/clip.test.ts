import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { kernels } from '../../src/kernels/index.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { type DType, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/clip.ts';
import { golden } from '../support/golden.ts';

interface Case {
  maxNorm: number;
  norm: number;
  before: number[][];
  after: number[][];
}
const { clip } = golden<{ clip: Case[] }>('optimizers');

function withGradient(gradient: number[] | null, dtype: DType = 'float64'): Parameter {
  const parameter = new Parameter(
    tensor(
      (gradient ?? [0]).map(() => 1),
      { dtype },
    ),
    { role: 'weight' },
  );
  parameter.grad = gradient && tensor(gradient, { dtype });
  return parameter;
}
const gradientsOf = (parameters: Parameter[]) => parameters.map(({ grad }) => grad && [...grad.data]);

test.each(clip)('equals PyTorch with maxNorm $maxNorm', ({ maxNorm, norm, before, after }) => {
  const parameters = before.map((gradient) => withGradient(gradient));
  expect(clipGradNorm(parameters, maxNorm)).toBeCloseTo(norm, 13);
  for (const [i, gradient] of gradientsOf(parameters).entries()) {
    for (const [j, value] of gradient!.entries()) expect(value).toBeCloseTo(after[i]![j]!, 14);
  }
  if (norm < maxNorm) expect(gradientsOf(parameters)).toEqual(before);
});

test('afterwards the norm is at most maxNorm and the direction is the same', () => {
  const gradients = fc.array(
    fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 5 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(gradients, fc.double({ min: 0.01, max: 100, noNaN: true }), (before, maxNorm) => {
      const parameters = before.map((gradient) => withGradient(gradient));
      const norm = clipGradNorm(parameters, maxNorm);
      const after = gradientsOf(parameters).flat() as number[];
      expect(norm).toBeCloseTo(Math.hypot(...before.flat()), 9);
      expect(Math.hypot(...after)).toBeLessThanOrEqual(maxNorm * (1 + 1e-12));
      const factor = Math.min(1, maxNorm / (norm + 1e-6));
      for (const [i, value] of before.flat().entries()) expect(after[i]).toBeCloseTo(value * factor, 9);
    }),
  );
});

test('the norm of all gradients is one kernel call, also where they are of both float types', () => {
  const parameters = [withGradient([2, 4], 'float32'), withGradient([5, 6]), withGradient(null)];
  const sumSquares = vi.spyOn(kernels, 'sumSquares');
  expect(clipGradNorm(parameters, 100)).toBe(9);
  expect(sumSquares).toHaveBeenCalledTimes(1);
  sumSquares.mockRestore();
});

test('passes over missing gradients, counts shared parameters once, and marks what it changed', () => {
  const [shared, small, none] = [withGradient([3, 0]), withGradient([4]), withGradient(null)];
  expect(clipGradNorm([shared, small, shared, none], 1)).toBe(5);
  expect(shared.grad!.data[0]).toBeCloseTo(3 / 5, 6);
  expect(small.grad!.data[0]).toBeCloseTo(4 / 5, 6);
  expect(shared.grad!.storage.version).toBe(1);
  expect(clipGradNorm([none], 1)).toBe(0);
});

test('Infinity only measures', () => {
  const parameter = withGradient([3 * 2 ** 90, 4 * 2 ** 90], 'float32');
  expect(clipGradNorm([parameter], Number.POSITIVE_INFINITY)).toBe(5 * 2 ** 90); // its square is beyond float32
  expect([...parameter.grad!.data]).toEqual([3 * 2 ** 90, 4 * 2 ** 90]);
});

describe('a norm that is not finite is an error before anything is scaled', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s', (bad) => {
    const parameters = [withGradient([100]), withGradient([1, bad]), withGradient([Number.NaN])];
    const message = `clipGradNorm: gradients are finite. got ${bad} in the gradient of`;
    expect(() => clipGradNorm(parameters, 1)).toThrow(`${message} parameter 1.`);
    const named = parameters.map((parameter, i): [string, Parameter] => [`layers.${i}.weight`, parameter]);
    expect(() => clipGradNorm(named, 1)).toThrow(`${message} layers.1.weight.`);
    expect(gradientsOf(parameters)).toEqual([[100], [1, bad], [Number.NaN]]);
  });

  test('squares that overflow', () => {
    const parameter = withGradient([1e200]);
    expect(() => clipGradNorm([parameter], 1)).toThrow(
      'clipGradNorm: the norm of the gradients is finite. got Infinity: their squares overflow.',
    );
    expect(parameter.grad!.data[0]).toBe(1e200);
  });
});

test.each([0, -1, Number.NaN])('maxNorm %s is an error', (maxNorm) => {
  expect(() => clipGradNorm([withGradient([1])], maxNorm)).toThrow(
    `clipGradNorm: maxNorm is > 0. got ${maxNorm}.`,
  );
});
