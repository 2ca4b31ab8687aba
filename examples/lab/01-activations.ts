// All activations and their derivatives, and the properties that the texts name, computed from the functions.

import { activationByName, activationNames, tensor } from 'scratchformer';
import { prelu } from 'scratchformer/ops';
import { chart, type Panel } from './support/charts.ts';
import { type Curve, evaluate, grid } from './support/curves.ts';
import type { Experiment } from './support/experiment.ts';

const quarter = tensor([0.25], { dtype: 'float64' }); // PReLU's slope is learned, and begins here
const known = activationNames().map((name) => [name, activationByName(name)] as const);
/** Those that take one number to one number; a gated one takes two, a stochastic one has no curve. */
const functions: Record<string, Curve> = {
  prelu: (x) => prelu(x, quarter),
  ...Object.fromEntries(known.filter(([, { gated, stochastic }]) => !gated && !stochastic)),
};
const names = Object.keys(functions).sort();

/** Where the derivative jumps: it differs on both sides of a point, however near they are. */
function kinks(name: string): number[] {
  const near = 1e-7;
  const places = grid(-8, 8, 0.5);
  const [left, right] = [-near, near].map((shift) => evaluate(functions[name]!, places.map((x) => x + shift)).slopes) as [number[], number[]]; // biome-ignore format: one line
  return places.filter((_, i) => Math.abs(right[i]! - left[i]!) > 1e-3);
}

/** E f(z) for z ~ N(0, 1), by the trapezoidal rule: 0 for a function whose outputs are centred. */
function meanOutput(name: string): number {
  const z = grid(-10, 10, 0.01);
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  return evaluate(functions[name]!, z).values.reduce(
    (sum, value, i) => sum + value * density(z[i]!) * 0.01,
    0,
  );
}

function properties(name: string) {
  const near = evaluate(functions[name]!, grid(-100, 100, 0.01));
  const far = evaluate(functions[name]!, grid(-1000, 0, 1));
  const lowest = Math.min(...near.values);
  const [left, right] = evaluate(functions[name]!, [-30, 30]).slopes as [number, number];
  return {
    activation: name,
    'bounded below': Math.min(...far.values) >= lowest - 1e-9,
    lowest: Math.min(...far.values) >= lowest - 1e-9 ? lowest : '−∞',
    monotonic: near.slopes.every((slope) => slope >= -1e-12),
    'kinks at': kinks(name).join(', ') || 'none',
    'mean output': meanOutput(name),
    'slope at −30': left,
    'slope at 30': right,
    'largest slope': Math.max(...near.slopes),
  };
}

const experiment: Experiment = () => {
  const x = grid(-4, 4, 0.05);
  const rows = names.map(properties);
  const groups: Record<string, string[]> = {
    'ReLU and what bends it': ['relu', 'leakyRelu', 'prelu', 'elu', 'softplus', 'gelu'],
    'x times a gate': ['gelu', 'silu', 'mish', 'hardswish', 'squaredRelu'],
    'what saturates': ['sigmoid', 'tanh'],
  };
  const panels: Panel[] = Object.entries(groups).flatMap(([title, group]) =>
    (['values', 'slopes'] as const).map((what) => ({
      title: what === 'values' ? title : 'its derivative',
      x: { name: 'x (no unit)' },
      y: { name: what === 'values' ? 'f(x)' : 'df/dx', min: what === 'values' ? -1.2 : -0.4, max: what === 'values' ? 4 : 2 },
      series: group.map((name) => ({ name, points: evaluate(functions[name]!, x)[what].map((y, i) => [x[i]!, y] as const) })),
    })),
  ); // biome-ignore format: one line for each part
  return { numbers: { properties: rows }, figure: chart(panels) };
};
export default experiment;
