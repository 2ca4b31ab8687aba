/**
 * The activation maps that are compiled, found by the name of their formula. A formula of that name need not
 * be ours (ops are open), so each is first compared with the compiled one at a few points; one that differs,
 * or whose name is not known, is the reference's.
 */
import type { Formula } from '../../contract.ts';
import { call, compiledFamily, currentThreads } from '../call.ts';
import { forFloat32, reference } from '../forFloat32.ts';

compiledFamily({ Map: 5, WithSlope: 6, Cost: 0 });

export const map = forFloat32('map', (y, x, formula, parameter) => {
  const cost = costOf(formula);
  if (cost === null) return reference.map(y, x, formula, parameter);
  const split = { total: y.length, grain: 64, work: y.length * cost };
  call(`${formula.name}Map`, split, [y], [x], [parameter]);
});

export const mapWithSlope = forFloat32('mapWithSlope', (y, slope, x, formula, parameter) => {
  const cost = costOf(formula);
  if (cost === null) return reference.mapWithSlope(y, slope, x, formula, parameter);
  const split = { total: y.length, grain: 64, work: 2 * y.length * cost };
  call(`${formula.name}WithSlope`, split, [y, slope], [x], [parameter]);
});

/** Elementary operations for one element, about; null for a formula that is the reference's. */
const costs = new WeakMap<Formula, number | null>();

function costOf(formula: Formula): number | null {
  if (!costs.has(formula)) {
    const { exports } = currentThreads();
    costs.set(formula, exports.has(`${formula.name}Map`) ? exports.valueOf(`${formula.name}Cost`) : null);
    let same = false;
    try {
      same = agrees(formula, 0.7); // which runs the compiled one, now that it has a cost
    } finally {
      if (!same) costs.set(formula, null);
    }
  }
  return costs.get(formula)!;
}

const points = Float32Array.of(-4.3, -1.7, -0.6, -0.01, 0.02, 0.4, 1.1, 2.9, 5.5);

function agrees(formula: Formula, parameter: number): boolean {
  const [expected, slopes] = [new Float32Array(points.length), new Float32Array(points.length)];
  reference.mapWithSlope(expected, slopes, points, formula, parameter);
  const [y, slope] = [new Float32Array(points.length), new Float32Array(points.length)];
  map(y, points, formula, parameter);
  if (!isNear(y, expected)) return false;
  mapWithSlope(y, slope, points, formula, parameter);
  return isNear(y, expected) && isNear(slope, slopes);
}

function isNear(got: Float32Array, expected: Float32Array): boolean {
  return got.every(
    (value, i) =>
      Object.is(value, expected[i]) || Math.abs(value - expected[i]!) < 1e-5 * Math.max(1, Math.abs(value)),
  );
}
