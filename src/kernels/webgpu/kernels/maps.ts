/**
 * Activations, found by the name of their formula. A formula of that name need not be ours, so each is first
 * compared with the device's at a few points; one that differs, or is not known, is the processor's.
 */
import type { Formula } from '../../contract.ts';
import * as js from '../../js/index.ts';
import { flat, type Kernel, kernel, main, run, thread } from '../kernel.ts';
import { forFloat32, onProcessor } from '../overlay.ts';
import { exponential, smooth, special } from '../wgsl.ts';

const THREADS = 256;

/** f(x) and f′(x) in WGSL, of x, y = f(x) and the parameter k. */
const formulas: Readonly<Record<string, readonly [f: string, df: string]>> = {
  abs: ['abs(x)', 'select(sign(x), x, isNaN(x))'],
  elu: [
    'select(k * expm1Below0(min(x, 0.0)), x, x > 0.0 || isNaN(x))',
    'select(k * exponential(x), 1.0, x > 0.0)',
  ],
  exp: ['exponential(x)', 'y'],
  gelu: ['geluOf(x)', 'geluSlope(x)'],
  geluSigmoid: ['x * sigmoid(1.702 * x)', 'sigmoid(1.702 * x) + x * 1.702 * sigmoidSlope(1.702 * x)'],
  geluTanh: ['x * sigmoid(twiceU(x))', 'geluTanhSlope(x)'],
  hardswish: [
    'select(select(x * (x + 3.0) / 6.0, x, x >= 3.0), 0.0, x <= -3.0)',
    'select(select(x / 3.0 + 0.5, 1.0, x > 3.0), 0.0, x < -3.0)',
  ],
  leakyRelu: ['select(k * x, x, x > 0.0)', 'select(k, 1.0, x > 0.0)'],
  relu: ['larger(0.0, x)', 'select(1.0, 0.0, x <= 0.0)'],
  sigmoid: ['sigmoid(x)', 'y * (1.0 - y)'],
  silu: ['damped(x, sigmoid(k * x))', 'sigmoid(k * x) + damped(k * x, sigmoidSlope(k * x))'],
  sqrt: ['sqrt(x)', '0.5 / y'],
  square: ['x * x', '2.0 * x'],
  squaredRelu: ['larger(0.0, x) * larger(0.0, x)', '2.0 * larger(0.0, x)'],
  tanh: ['tanhOf(x)', '1.0 - y * y'],
};

const functions = `${special}${exponential}${smooth}
fn geluOf(x: f32) -> f32 {
  let t = min(abs(x), 15.0);
  return select(select(0.0, x, x > 0.0) - t * gaussianTail(t) * gaussian(t), x, isNaN(x));
}
fn geluSlope(x: f32) -> f32 {
  let t = min(abs(x), 15.0);
  let h = gaussian(t) * fma(t, -0.3989422804014327, gaussianTail(t));
  return select(select(1.0 - h, h, x < 0.0), x, isNaN(x));
}
fn twiceU(x: f32) -> f32 { return x * fma(x * x, 1.5957691216057308 * 0.044715, 1.5957691216057308); }
fn geluTanhSlope(x: f32) -> f32 {
  let near = clamp(x, -16.0, 16.0);
  let slope = fma(near * near, 3.0 * 1.5957691216057308 * 0.044715, 1.5957691216057308);
  return sigmoid(twiceU(near)) + x * (sigmoidSlope(twiceU(near)) * slope);
}`;

interface Compiled {
  readonly map: Kernel;
  readonly withSlope: Kernel;
}

const compiled: ReadonlyMap<string, Compiled> = new Map(
  Object.entries(formulas).map(([name, [f, df]]) => {
    const withSlope = { writes: ['out', 'slope'], more: `let y = f; slope[p.slopeAt + i] = ${df};` };
    const make = (ending: string, { writes, more }: { writes: string[]; more: string }) =>
      kernel(`${name}${ending}`, {
        writes,
        reads: ['source'],
        sizes: ['n', 'parameter: f32'],
        code: `${functions}
${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let x = source[p.sourceAt + i]; let k = p.parameter;
  let f = ${f};
  out[p.outAt + i] = f;
  ${more}
}`,
      });
    return [
      name,
      { map: make('Map', { writes: ['out'], more: '' }), withSlope: make('WithSlope', withSlope) },
    ];
  }),
);

export const map = forFloat32('map', (y, x, formula, parameter) => {
  const known = agreeing(formula);
  if (!known) return onProcessor('map')(y, x, formula, parameter);
  run(known.map, [y], [x], [x.length, parameter], flat(x.length, THREADS));
});

export const mapWithSlope = forFloat32('mapWithSlope', (y, slope, x, formula, parameter) => {
  const known = agreeing(formula);
  if (!known) return onProcessor('mapWithSlope')(y, slope, x, formula, parameter);
  run(known.withSlope, [y, slope], [x], [x.length, parameter], flat(x.length, THREADS));
});

const found = new WeakMap<Formula, Compiled | null>();
const points = Float32Array.of(-4.3, -1.7, -0.6, -0.01, 0.02, 0.4, 1.1, 2.9, 5.5);

function agreeing(formula: Formula): Compiled | null {
  const known = found.get(formula);
  if (known !== undefined) return known;
  const candidate = compiled.get(formula.name) ?? null;
  const result = candidate && agrees(candidate, formula, 0.7) ? candidate : null;
  found.set(formula, result);
  return result;
}

function agrees({ withSlope }: Compiled, formula: Formula, parameter: number): boolean {
  const zeros = () => new Float32Array(points.length);
  const [expected, slopes, y, slope] = [zeros(), zeros(), zeros(), zeros()];
  js.mapWithSlope(expected, slopes, points, formula, parameter);
  run(withSlope, [y, slope], [points], [points.length, parameter], flat(points.length, THREADS));
  return isNear(y, expected) && isNear(slope, slopes);
}

function isNear(got: Float32Array, expected: Float32Array): boolean {
  return got.every(
    (value, i) =>
      (Number.isNaN(value) && Number.isNaN(expected[i])) ||
      Math.abs(value - expected[i]!) < 1e-5 * Math.max(1, Math.abs(value)),
  );
}
