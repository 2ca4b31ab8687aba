/** Muon and Lion against recorded trajectories, of PyTorch's and of the paper's: see test/golden/muon.py. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lion, Muon, type Optimizer, orthogonalize } from '../../optimizers/index.ts';
import { kernelMemoryInBlocks } from '../../src/kernels/wasm/memory.ts';
import { Parameter, type Role } from '../../src/nn/parameter.ts';
import { type DType, manualSeed, randn, Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { golden } from '../support/golden.ts';

interface Case {
  kind: 'Muon' | 'Lion';
  options: object;
  float64: number[][][];
  float32: number[][];
}
const recorded = golden<{ shapes: number[][]; start: number[][]; trajectories: Case[] }>('muon');
const kinds = { Muon, Lion };

function makeParameters(dtype: DType): Parameter[] {
  return recorded.start.map((values, i) => {
    const flat = tensor(values, { dtype });
    return new Parameter(Tensor.over(flat.data, recorded.shapes[i]!), { role: 'weight' });
  });
}

/** Trains with the gradient sin(3w + t) + w/2, as the script does; returns the weights after each step. */
function trajectory(optimizer: Optimizer<object, string>, parameters: Parameter[]): number[][] {
  return Array.from({ length: 10 }, (_, t) => {
    for (const p of parameters)
      p.grad = Tensor.over(
        p.data.map((w) => Math.sin(3 * w + t) + w / 2),
        p.shape,
      );
    optimizer.step();
    return parameters.flatMap(({ data }) => [...data]);
  });
}

function largestError(got: number[], expected: number[][]): number {
  return Math.max(...expected.flat().map((value, i) => Math.abs(got[i]! - value)));
}

test.each(recorded.trajectories)('ten steps of $kind $options', ({ kind, options, float64, float32 }) => {
  const make = (parameters: Parameter[]): Optimizer<object, string> => new kinds[kind](parameters, options);
  const exact = makeParameters('float64');
  for (const [t, weights] of trajectory(make(exact), exact).entries())
    expect(largestError(weights, float64[t]!), `step ${t}`).toBeLessThan(1e-11);
  const rounded = makeParameters('float32');
  expect(largestError(trajectory(make(rounded), rounded).at(-1)!, float32)).toBeLessThan(1e-4);
});

describe('orthogonalize', () => {
  const muon = { nsCoefficients: [3.4445, -4.775, 2.0315], nsSteps: 5, eps: 1e-7 } as const;
  const newton = { nsCoefficients: [1.5, -0.5, 0], nsSteps: 40, eps: 1e-7 } as const;
  const sizes = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) });
  const random = (rows: number, columns: number) =>
    randn([rows, columns], { dtype: 'float64' }).data as Float64Array;
  const transposed = (x: Float64Array, rows: number, columns: number) =>
    Float64Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
  const close = (x: Float64Array, y: Float64Array) =>
    expect(Math.max(...x.map((value, i) => Math.abs(value - y[i]!)))).toBeLessThan(1e-9);

  test("makes rows or columns orthonormal, with Newton's convergent coefficients", () => {
    manualSeed(4);
    fc.assert(
      fc.property(sizes, ({ rows, columns }) => {
        // far from singular, so that forty steps are enough
        const x = random(rows, columns).map((value, i) => value / 9 + (i % (columns + 1) === 0 ? 1 : 0));
        orthogonalize(x, [rows, columns], newton);
        const lines = rows > columns ? transposed(x, rows, columns) : x;
        const [n, length] = [Math.min(rows, columns), Math.max(rows, columns)];
        const dot = (i: number, j: number) =>
          Array.from({ length }, (_, k) => lines[i * length + k]! * lines[j * length + k]!).reduce(
            (s, t) => s + t,
          );
        const products = Float64Array.from({ length: n * n }, (_, i) => dot(Math.floor(i / n), i % n));
        close(
          products,
          Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
        );
      }),
    );
  });

  test('is the same for the transpose, and for a multiple', () => {
    manualSeed(5);
    fc.assert(
      fc.property(sizes, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), ({ rows, columns }, factor) => {
        const x = random(rows, columns);
        const turned = transposed(x, rows, columns);
        const larger = x.map((value) => factor * value);
        orthogonalize(x, [rows, columns], muon);
        orthogonalize(turned, [columns, rows], muon);
        orthogonalize(larger, [rows, columns], muon);
        close(transposed(x, rows, columns), turned);
        close(x, larger);
      }),
    );
  });

  test("moves each singular value by Muon's polynomial, and leaves 0", () => {
    const [a, b, c] = muon.nsCoefficients;
    const x = new Float64Array([3, 0, 0, 0, 0.02, 0]); // singular values 3 and 0.02
    const mapped = (s: number) => {
      for (let i = 0; i < 5; i++) s = a * s + b * s ** 3 + c * s ** 5;
      return s;
    };
    orthogonalize(x, [2, 3], muon);
    const norm = Math.hypot(3, 0.02);
    close(x, new Float64Array([mapped(3 / norm), 0, 0, 0, mapped(0.02 / norm), 0]));
    for (let small = 0.003; small <= 1; small *= 1.01) {
      const x = new Float64Array([1, 0, 0, 0, small, 0]);
      orthogonalize(x, [2, 3], muon);
      for (const s of [x[0]!, x[4]!]) expect(Math.abs(s - 0.945)).toBeLessThan(0.265); // in [0.68, 1.21]
    }
    const nothing = new Float64Array(6);
    orthogonalize(nothing, [2, 3], muon);
    expect(nothing).toEqual(new Float64Array(6));
  });
});

test('what a step takes for a while goes back: memory does not grow', () => {
  const parameters = makeParameters('float32');
  const optimizer = new Muon(parameters);
  trajectory(optimizer, parameters);
  const before = kernelMemoryInBlocks();
  for (let i = 0; i < 20; i++) trajectory(optimizer, parameters);
  expect(kernelMemoryInBlocks()).toBe(before);
});

const make = (role: Role, ...shape: number[]) => new Parameter(zeros(shape), { role });
const matrix = make('weight', 2, 3);

// biome-ignore format: a table
test.each<[string, () => unknown, string]>([
  ['a bias', () => new Muon([make('bias', 3)]), 'Muon, all: parameters have the role weight and two axes. got bias of shape (3). take the matrices of splitMatrices(model), and another optimizer for the rest.'],
  ['an embedding', () => new Muon([matrix, make('embedding', 5, 3)]), 'got embedding of shape (5, 3).'],
  ['a filter', () => new Muon([{ params: [make('weight', 3, 3, 1, 2)], name: 'filters' }]), 'Muon, filters: parameters have the role weight and two axes. got weight of shape (3, 3, 1, 2).'],
  ['a misspelt factor', () => new Muon([matrix], { adjustLrFn: 'matchRmsAdam' as never }), 'Muon, all: adjustLrFn is known. got "matchRmsAdam". did you mean "matchRmsAdamW"?'],
  ['two coefficients', () => new Muon([matrix], { nsCoefficients: [1, 2] as never }), 'Muon, all: nsCoefficients are three finite numbers. got [1, 2].'],
  ['half a step', () => new Muon([matrix], { nsSteps: 2.5 }), 'Muon, all: nsSteps is a whole number ≥ 0. got 2.5.'],
  ['an unknown option', () => new Muon([matrix], { beta: 1 } as never), 'Muon: every option is known. got "beta".'],
  ['betas of Lion', () => new Lion([matrix], { betas: [1, 0.9] }), 'Lion: betas is two numbers in [0, 1). got [1, 0.9].'],
])('%s is an error', (_, call, message) => {
  expect(call).toThrow(message);
});
