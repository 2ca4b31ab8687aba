// What x times a gate becomes: narrower Gaussian gates, a logistic gate, a Cauchy gate, and the gate that ELU really has.

import { add, elementwise, elu, gelu, manualSeed, mul, normalCdf, randomStream, relu, sigmoid, silu } from 'scratchformer'; // biome-ignore format: one line
import { chart, type Panel, type Point } from './support/charts.ts';
import { type Curve, evaluate, grid } from './support/curves.ts';
import type { Experiment } from './support/experiment.ts';

/** The distribution function of Cauchy's distribution. */
const cauchyCdf = elementwise({
  name: 'cauchyCdf',
  f: (x) => 0.5 + Math.atan(x) / Math.PI,
  df: (x) => 1 / (Math.PI * (1 + x * x)),
});
const gated = (cdf: Curve, width = 1): Curve => (x) => mul(x, cdf(mul(x, 1 / width))); // biome-ignore format: one line
const cauchyGate = gated(cauchyCdf);
/** The left half times π and the right half lifted by 1/π: so the Cauchy gate and ELU agree far from 0. */
const left: Curve = (x) => mul(cauchyGate(x), Math.PI);
const right: Curve = (x) => add(cauchyGate(x), 1 / Math.PI);

const tails = Array.from({ length: 25 }, (_, i) => 10 ** (i / 8)); // 1 to 1000, evenly on a logarithmic axis

const valuesOf = (f: Curve, points: readonly number[]) => evaluate(f, points).values;
const at = (f: Curve, x: number) => valuesOf(f, [x])[0]!;
const greatest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** How far x·Φ(x/σ) and its slope are from those of ReLU. */
function narrow(sigma: number) {
  const beside = 1e-6 * sigma; // at 0 itself ReLU has no slope
  const x = grid(-4 * sigma, 4 * sigma, sigma / 12_500).concat(-beside, beside);
  const [curve, limit] = [evaluate(gated(normalCdf, sigma), x), evaluate(relu, x)];
  const distances = curve.values.map((y, i) => Math.abs(y - limit.values[i]!));
  const distance = Math.max(...distances);
  return {
    σ: sigma,
    distance,
    'in units of σ': distance / sigma,
    'at x = ±': Math.abs(x[distances.indexOf(distance)]!),
    'distance of slopes': greatest(curve.slopes, limit.slopes),
  };
}

/** What a curve does on both sides, for the table of the notebook. */
function shape(name: string, f: Curve) {
  const x = grid(-50, 50, 0.01);
  const { values, slopes } = evaluate(f, x);
  return {
    curve: name,
    'f(−10,000)': at(f, -1e4),
    '10,000 − f(10,000)': 1e4 - at(f, 1e4),
    monotonic: slopes.every((slope) => slope > -1e-12),
    'slope beside 0': evaluate(f, [-1e-9]).slopes[0]!,
    'largest slope': Math.max(...slopes),
    'distance to ELU': greatest(values, valuesOf(elu, x)),
  };
}

/** E x·m for m ~ Bernoulli(P(−E/V ≤ x)), E exponential and V uniform, by simulation: [x, mean, low, high]. */
function simulated(draws: number): (readonly [x: number, y: number, low: number, high: number])[] {
  manualSeed(1);
  const random = randomStream('gates');
  const gates = Array.from({ length: draws }, () => Math.log(1 - random()) / (1 - random()));
  return grid(-6, 2, 0.5).map((x) => {
    const p = gates.filter((gate) => gate <= x).length / draws;
    const reach = 1.96 * Math.abs(x) * Math.sqrt((p * (1 - p)) / draws);
    return [x, x * p, x * p - reach, x * p + reach];
  });
}

const line = (f: Curve, x: readonly number[]) => valuesOf(f, x).map((y, i): Point => [x[i]!, y]);

function panels(widths: readonly ReturnType<typeof narrow>[], gates: readonly Point[]): Panel[] {
  const [x, near, wide] = [{ name: 'x (no unit)' }, grid(-2.5, 1.5, 0.05), grid(-6, 2, 0.05)];
  const of = (key: 'distance' | 'distance of slopes') => widths.map((row): Point => [row.σ, row[key]]);
  const rest = (f: Curve) => tails.map((u): Point => [u, at(f, -u) + 1]).filter(([, y]) => y > 1e-7);
  const cauchy = { points: line(cauchyGate, wide), colour: '#7d4fb0' };
  const narrower = [2, 1, 0.5, 0.125].map((sigma) => ({ name: `σ = ${sigma}`, points: line(gated(normalCdf, sigma), near) }));
  return [
    { title: 'x·Φ(x/σ): the narrower, the nearer to ReLU', x, y: { name: 'f(x)', min: -0.5, max: 1.5 },
      series: [...narrower, { name: 'relu', points: line(relu, near), dashed: true }] },
    { title: 'Greatest distance to ReLU', x: { name: 'σ, width of the gate', log: true }, y: { name: 'distance', log: true, min: 1e-4, max: 1 },
      series: [{ name: 'of the values', points: of('distance') }, { name: 'of the slopes', points: of('distance of slopes') }] },
    { title: 'x times other gates, and ELU', x, y: { name: 'f(x)', min: -1.5, max: 2 },
      series: [...Object.entries({ gelu, silu, elu }).map(([name, f]) => ({ name, points: line(f, wide) })),
        { name: 'Cauchy gate', ...cauchy }, { name: '−E/V, drawn', as: 'dots', points: gates, colour: '#2b3440' }] },
    { title: 'What is left above −1, far to the left', x: { name: '−x (no unit)', log: true, min: 1, max: 1000 }, y: { name: 'f(x) + 1', log: true, min: 1e-7, max: 1 },
      series: [{ name: 'elu', points: rest(elu) }, { name: 'π · Cauchy gate', ...cauchy, points: rest(left) }] },
  ];
} // biome-ignore format: a panel in two lines

const experiment: Experiment = ({ quick }) => {
  const widths = [2, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 32, 1 / 128, 1 / 1024].map(narrow);
  const draws = quick ? 1000 : 20_000;
  const gates = simulated(draws);
  const inside = gates.filter(([x, , low, high]) => low <= at(elu, x) && at(elu, x) <= high).length;
  const numbers = {
    widths,
    logistic: greatest(valuesOf(gated(sigmoid), grid(-6, 2, 0.05)), valuesOf(silu, grid(-6, 2, 0.05))),
    shapes: Object.entries({ gelu, silu, 'Cauchy gate': cauchyGate, elu }).map(([name, f]) => shape(name, f)),
    cauchy: { left: at(left, -1e4), right: at(right, 1e4) - 1e4, jump: at(right, 0) - at(left, 0) },
    rest: { elu: at(elu, -10) + 1, cauchy: at(left, -10) + 1 },
    gate: { draws, points: gates.length, inside },
  };
  return { numbers, figure: chart(panels(widths, gates), { legends: 'each', height: 330 }) };
};
export default experiment;
