/**
 * Every formula that the library ships runs compiled, forward and backward: the kernels fall back to
 * JavaScript in silence where a formula has no compiled twin, or where the two have drifted apart.
 */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { type Formula, useBackend } from '../../src/kernels/index.ts';
import { currentThreads } from '../../src/kernels/wasm/call.ts';
import { elementwise } from '../../src/ops/elementwise.ts';
import * as ops from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';

type MadeOp = { formula: Formula; op: (x: Tensor, parameter: number) => Tensor };

/** Filled while src/ops is imported: whatever calls `elementwise` is found, exported or not. */
const made = vi.hoisted((): MadeOp[] => []);
vi.mock('../../src/ops/elementwise.ts', async (load) => {
  const original = await load<typeof import('../../src/ops/elementwise.ts')>();
  const elementwise = (formula: Formula) => {
    const op = original.elementwise(formula) as MadeOp['op'];
    made.push({ formula, op });
    return op;
  };
  return { ...original, elementwise };
});

/** Name → why it is left to JavaScript. */
const notCompiled: Record<string, string> = {
  clamp: 'two formulas, one for each bound, whose common name is no address; no model clamps in its loop',
  pow: 'exp(p·log x) in float32 loses the digits that p multiplies; square and sqrt are compiled',
};

beforeAll(() => {
  useBackend('wasm', { threads: 1 });
});

/** The compiled kernels that an op runs: of a plain tensor, and forward and backward of one with a gradient. */
function compiledKernelsOf(op: MadeOp['op']): string[] {
  const x = tensor([-1.5, -0.5, 0.5, 1.5], { requiresGrad: true });
  const bothWays = () => {
    noGrad(() => op(x, 0.7));
    backward(ops.sum(op(x, 0.7)));
  };
  bothWays(); // at the first call the twin runs too, to be compared
  const run = vi.spyOn(currentThreads(), 'run');
  bothWays();
  const names = run.mock.calls.map(([name]) => name);
  run.mockRestore();
  return names;
}

const named = ({ formula }: MadeOp) => Object.hasOwn(notCompiled, formula.name);

describe('the formulas of src/ops', () => {
  test('are found', () => {
    const names = made.map(({ formula }) => formula.name);
    expect(names).toEqual(expect.arrayContaining(['gelu', 'geluTanh', 'relu', 'tanh', 'exp', 'sqrt']));
    expect(Object.keys(notCompiled).filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(made.filter((one) => !named(one)))('$formula.name is compiled', ({ formula: { name }, op }) => {
    expect(compiledKernelsOf(op)).toEqual(expect.arrayContaining([`${name}Map`, `${name}WithSlope`]));
  });

  test.each(made.filter(named))('$formula.name is not compiled', ({ formula: { name }, op }) => {
    expect(compiledKernelsOf(op)).not.toContain(`${name}Map`);
  });
});

describe('a formula that falls back to JavaScript is noticed', () => {
  const silu: Formula = { name: 'silu', f: (x) => x / (1 + Math.exp(-x)), df: () => 1 };
  test.each([
    ['because it has no compiled twin', { ...silu, name: 'unheardOf' }],
    ['because it has drifted from its twin', { ...silu, f: (x: number) => x / (1 + Math.exp(-x)) + 1e-4 }],
    ['because its derivative has', silu],
  ])('%s', (_, formula) => {
    const op = elementwise(formula) as MadeOp['op'];
    expect(compiledKernelsOf(op).filter((name) => /(Map|WithSlope)$/.test(name))).toEqual([]);
  });
});
