/**
 * The vectorised functions over the whole float range, against float64: a sample of every exponent of either
 * sign, the denormals, and the special values. One ulp is the distance of neighbouring float32 at the exact
 * result.
 */
import { describe, expect, test } from 'vitest';
import { backward } from '../../../src/autograd/index.ts';
import { loadModule } from '../../../src/kernels/wasm/module.ts';
import * as ops from '../../../src/ops/index.ts';
import { type Tensor, tensor } from '../../../src/tensor/index.ts';

type Export = (...args: number[]) => void;
type Scalar = (x: number) => number;

const PAGE = 65536;
const best = loadModule();
if (typeof best === 'string') throw new Error(best);

/** The maps and slopes of a build, in a memory of its own; `cuts` are where the range is split. */
function instance(build: 'plain' | 'relaxed') {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: PAGE, shared: true });
  const loaded = loadModule(build);
  if (typeof loaded === 'string') throw new Error(`${build}: ${loaded}`);
  const { exports } = new WebAssembly.Instance(loaded.module, { env: { memory, abort() {} } });
  const [Y, SLOPE, X] = [1, 16, 31].map((page) => page * PAGE) as [number, number, number];
  const run = (
    name: string,
    outputs: number[],
    x: Float32Array,
    parameter: number,
    cuts: readonly number[],
  ) => {
    new Float32Array(memory.buffer, X, x.length).set(x);
    const edges = [0, ...cuts, x.length];
    for (let i = 1; i < edges.length; i++)
      (exports[name] as Export)(...outputs, X, parameter, edges[i - 1]!, edges[i]!);
    return outputs.map((place) => new Float32Array(memory.buffer, place, x.length).slice());
  };
  return {
    map: (name: string, x: Float32Array, parameter = 0, cuts: readonly number[] = []) =>
      run(`${name}Map`, [Y], x, parameter, cuts)[0]!,
    withSlope: (name: string, x: Float32Array, parameter = 0, cuts: readonly number[] = []) =>
      run(`${name}WithSlope`, [Y, SLOPE], x, parameter, cuts) as [y: Float32Array, slope: Float32Array],
  };
}

/** Both signs, every exponent, 128 mantissas each. */
const everywhere = (() => {
  const bits = new Uint32Array(2 ** 16);
  bits.forEach((_, i) => {
    bits[i] = (i >>> 7) * 2 ** 23 + (i % 128) * 2 ** 16 + (Math.imul(i, 0x9e3779b1) >>> 16);
  });
  return new Float32Array(bits.buffer);
})();

const special = Float32Array.of(
  0,
  -0,
  2 ** -149,
  -(2 ** -149),
  1,
  -1,
  3.4e38,
  -3.4e38,
  Infinity,
  -Infinity,
  Number.NaN,
);

function ulp(exact: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(exact)))) - 23);
}

/** The largest error in ulp; NaN and results beyond the range of float32 must agree. */
function worstUlps(x: Float32Array, got: Float32Array, exact: Scalar): number {
  let worst = 0;
  x.forEach((value, i) => {
    const expected = exact(value);
    const rounded = Math.fround(expected);
    const error = Number.isFinite(rounded) ? Math.abs(got[i]! - expected) / ulp(expected) : 0;
    if (!Number.isFinite(rounded) || Number.isNaN(error)) expect(got[i], `at ${value}`).toBe(rounded);
    else if (error > worst) worst = error;
  });
  return worst;
}

const sigmoid: Scalar = (x) => Math.exp(Math.min(x, 0)) / (1 + Math.exp(-Math.abs(x)));
const softplus: Scalar = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** x·Φ(x). Far below 0, Φ(−t) = φ(t)/(t + 1/(t + 2/(t + 3/…))). */
function gelu(x: number): number {
  if (x > -3) return 0.5 * x * (1 + ops.erfOf(x / Math.SQRT2));
  let fraction = -x;
  for (let k = 80; k > 0; k--) fraction = k / fraction - x;
  return ((x / fraction) * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** Function, its exact values, and the error in ulp that it may have. */
const functions: readonly [name: string, exact: Scalar, ulps: number][] = [
  ['exp', Math.exp, 1.1],
  ['log', Math.log, 1],
  ['tanh', Math.tanh, 2.6],
  ['erf', ops.erfOf, 1.4],
  ['sigmoid', sigmoid, 2.5],
  ['elu', (x) => (x > 0 ? x : Math.expm1(x)), 1.2],
  ['softplus', softplus, 2],
  ['sqrt', Math.sqrt, 0.5],
];

/** Name of the export → the op in float64, and its parameter. */
const maps: Record<string, readonly [op: (x: Tensor) => Tensor, parameter: number]> = {
  abs: [ops.abs, 0],
  elu: [(x) => ops.elu(x, { alpha: 0.7 }), 0.7],
  erf: [ops.erf, 0],
  exp: [ops.exp, 0],
  gelu: [(x) => ops.gelu(x), 0],
  geluSigmoid: [(x) => ops.gelu(x, { approximate: 'sigmoid' }), 0],
  geluTanh: [(x) => ops.gelu(x, { approximate: 'tanh' }), 0],
  hardswish: [ops.hardswish, 0],
  leakyRelu: [(x) => ops.leakyRelu(x, { negativeSlope: 0.2 }), 0.2],
  log: [ops.log, 0],
  mish: [ops.mish, 0],
  normalCdf: [ops.normalCdf, 0],
  relu: [ops.relu, 0],
  sigmoid: [ops.sigmoid, 0],
  silu: [(x) => ops.silu(x, { beta: 1.5 }), 1.5],
  softplus: [ops.softplus, 0],
  sqrt: [ops.sqrt, 0],
  square: [ops.square, 0],
  squaredRelu: [ops.squaredRelu, 0],
  tanh: [ops.tanh, 0],
};

/** |got − expected| ≤ 5e-7·max(1, |expected|), which is four ulp at 1; what is not finite agrees. */
function expectClose(x: Float32Array, got: Float32Array, expected: ArrayLike<number>): void {
  x.forEach((value, i) => {
    const [g, e] = [got[i]!, expected[i]!];
    const same =
      Object.is(g, e) || g === Math.fround(e) || Math.abs(g - e) <= 5e-7 * Math.max(1, Math.abs(e));
    if (!same) expect(g, `at ${value}`).toBe(e);
  });
}

describe.each(best.build === 'plain' ? (['plain'] as const) : (['plain', 'relaxed'] as const))(
  '%s SIMD',
  (build) => {
    const { map, withSlope } = instance(build);

    test.each(functions)('%s', (name, exact, ulps) => {
      expect(worstUlps(everywhere, map(name, everywhere, 1), exact)).toBeLessThanOrEqual(ulps);
      expect(worstUlps(special, map(name, special, 1), exact)).toBeLessThanOrEqual(ulps);
    });

    test('odd functions keep the sign of 0', () => {
      const zeros = Float32Array.of(0, -0);
      for (const name of ['tanh', 'erf', 'gelu', 'geluTanh', 'geluSigmoid'])
        expect([...map(name, zeros)]).toEqual([0, -0]);
    });

    test('gelu keeps its digits in the negative tail, where 1 + erf would cancel', () => {
      const x = everywhere.filter((value) => Math.abs(gelu(value)) >= 2 ** -126);
      expect(Math.min(...x)).toBeLessThan(-13);
      expect(worstUlps(x, map('gelu', x), gelu)).toBeLessThanOrEqual(7);
    });

    test.each(Object.entries(maps))('%s and its slope are those of the op', (name, [op, parameter]) => {
      for (const x of [everywhere, special]) {
        const exact = tensor(x, { dtype: 'float64', requiresGrad: true });
        const dy = x.map((_, i) => 1 + (i % 3));
        const result = op(exact);
        const expected = result.toTypedArray();
        const y = map(name, x, parameter);
        expectClose(x, y, expected);
        backward(result, tensor(dy, { dtype: 'float64' }));
        const [again, slope] = withSlope(name, x, parameter);
        expect(again).toEqual(y);
        const slopes = exact.grad!.toTypedArray().map((value, i) => value / (1 + (i % 3)));
        expectClose(x, slope, slopes);
      }
    });

    test.each(Object.entries(maps))('%s: where the range is split changes no bit', (name, [, parameter]) => {
      const x = everywhere.subarray(0, 4099).map((_, i) => (i - 2000) / 150);
      const y = map(name, x, parameter);
      const bits = ({ buffer }: Float32Array) => new Uint32Array(buffer);
      for (const cuts of [[4], [8, 1032, 4096]]) {
        expect(bits(map(name, x, parameter, cuts))).toEqual(bits(y));
        const [whole, split] = [withSlope(name, x, parameter), withSlope(name, x, parameter, cuts)];
        expect(split.map(bits)).toEqual(whole.map(bits));
      }
      const part = x.subarray(1021, 1024).slice();
      expect(bits(map(name, part, parameter))).toEqual(bits(y).subarray(1021, 1024));
    });
  },
);
