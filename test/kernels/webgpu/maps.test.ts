/** Formulas on a GPU: values and slopes as the reference has them, and which are there. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Formula, kernels, useBackend } from '../../../src/kernels/index.ts';
import * as js from '../../../src/kernels/js/index.ts';
import { moved } from '../../../src/kernels/webgpu/transfers.ts';
import '../../../src/ops/index.ts';
import { empty, type Tensor } from '../../../src/tensor/index.ts';
import { lackOfAdapter } from '../../support/adapter.ts';

/** Filled while src/ops is imported. */
const formulas = vi.hoisted((): Formula[] => []);
vi.mock('../../../src/ops/elementwise.ts', async (load) => {
  const original = await load<typeof import('../../../src/ops/elementwise.ts')>();
  const elementwise = (formula: Formula) => {
    formulas.push(formula);
    return original.elementwise(formula);
  };
  return { ...original, elementwise };
});

/** Those that the processor computes. */
const elsewhere = ['clamp', 'erf', 'log', 'mish', 'normalCdf', 'pow', 'prelu', 'softplus'];

const points = Float32Array.from([
  ...Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100),
  ...[1e-3, 1e-6, 1e-20, 30, 88, 100, 1e10].flatMap((size) => [size, -size]),
  ...[0, -0, Number.NaN],
]);

/** |got − expected| ≤ 2e-6·max(1, |expected|), or both are NaN or the same infinity. */
function expectNear(what: string, got: Tensor, expected: Float32Array): void {
  got.values.forEach((value, i) => {
    const e = expected[i]!;
    const near = Math.abs(value - e) <= 2e-6 * Math.max(1, Math.abs(e)) || Object.is(value, e) || value === e;
    expect(near, `${what}(${points[i]}): ${value}, expected ${e}`).toBe(true);
  });
}

describe.skipIf(lackOfAdapter !== null)('on a GPU', () => {
  beforeAll(() => {
    useBackend('webgpu', { threads: 1 });
  });
  afterAll(() => {
    useBackend('js');
  });

  test('all formulas are found', () => {
    expect(formulas.length).toBeGreaterThan(15);
  });

  test.each(formulas.map((formula) => [formula.name, formula] as const))('%s', (name, formula) => {
    const [x, y, slope] = [0, 0, 0].map(() => empty([points.length], 'float32')) as [Tensor, Tensor, Tensor];
    x.data.set(points);
    const [expected, slopes] = [points.slice(), points.slice()];
    js.mapWithSlope(expected, slopes, points, formula, 0.7);
    kernels.scale(x.memory, 1); // so it is on the GPU
    const before = moved.toHost;
    kernels.map(y.memory, x.memory, formula, 0.7);
    expect(moved.toHost - before > 1000, 'comes to the host').toBe(elsewhere.includes(name));
    expectNear(name, y, expected);
    kernels.mapWithSlope(y.memory, slope.memory, x.memory, formula, 0.7);
    expectNear(name, y, expected);
    expectNear(`${name}′`, slope, slopes);
  });
});
