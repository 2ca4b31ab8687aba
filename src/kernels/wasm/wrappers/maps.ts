/**
 * The activation maps that are compiled, found by the name of their formula. A formula of that name need not
 * be ours (ops are open), so each is first compared with the compiled one at a few points; one that differs,
 * or whose name is not known, is the reference's.
 */
import type { CpuKernels, Formula } from '../../contract.ts';
import { compiled } from '../call.ts';
import { forFloat32, reference } from '../forFloat32.ts';

/** The cost of each formula: elementary operations for one element, about. */
const costs: Readonly<Record<string, number>> = {
  abs: 1, elu: 20, erf: 50, exp: 20, gelu: 40, geluSigmoid: 25, geluTanh: 25, hardswish: 4, leakyRelu: 2, log: 25,
  mish: 30, normalCdf: 40, prelu: 1, relu: 1, sigmoid: 25, silu: 25, softplus: 45, sqrt: 4, square: 1, squaredRelu: 2,
  tanh: 25,
}; // biome-ignore format: a table

const wasm = compiled(
  Object.fromEntries(
    Object.keys(costs).flatMap(
      (name) =>
        [
          [`${name}Map`, 5],
          [`${name}Grad`, 7],
        ] as const,
    ),
  ),
);

export const map = forFloat32('map', (y, x, formula, parameter) => {
  (isCompiled(formula) ? compiledMap : reference.map)(y, x, formula, parameter);
});

export const mapGrad = forFloat32('mapGrad', (dx, dy, x, y, formula, parameter) => {
  (isCompiled(formula) ? compiledGrad : reference.mapGrad)(dx, dy, x, y, formula, parameter);
});

const compiledMap: CpuKernels['map'] = (y, x, { name }, parameter) => {
  wasm[`${name}Map`]!({ total: y.length, grain: 64, work: y.length * costs[name]! }, [y], [x], [parameter]);
};

const compiledGrad: CpuKernels['mapGrad'] = (dx, dy, x, y, { name }, parameter) => {
  const split = { total: dx.length, grain: 64, work: dx.length * (costs[name]! + 2) };
  wasm[`${name}Grad`]!(split, [dx], [dy, x, y], [parameter]);
};

const compared = new WeakMap<Formula, boolean>();
const points = Float32Array.of(-4.3, -1.7, -0.6, -0.01, 0.02, 0.4, 1.1, 2.9, 5.5);
const ones = new Float32Array(points.length).fill(1);

function isCompiled(formula: Formula): boolean {
  if (!Object.hasOwn(costs, formula.name)) return false;
  let same = compared.get(formula);
  if (same === undefined) {
    same = agrees(formula, 0.7);
    compared.set(formula, same);
  }
  return same;
}

function agrees(formula: Formula, parameter: number): boolean {
  const expected = new Float32Array(points.length);
  const slopes = new Float32Array(points.length);
  reference.map(expected, points, formula, parameter);
  reference.mapGrad(slopes, ones, points, expected, formula, parameter);
  const got = new Float32Array(points.length);
  compiledMap(got, points, formula, parameter);
  if (!isNear(got, expected)) return false;
  compiledGrad(got, ones, points, expected, formula, parameter);
  return isNear(got, slopes);
}

function isNear(got: Float32Array, expected: Float32Array): boolean {
  return got.every(
    (value, i) =>
      Object.is(value, expected[i]) || Math.abs(value - expected[i]!) < 1e-5 * Math.max(1, Math.abs(value)),
  );
}
