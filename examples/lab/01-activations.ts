// All activations and their derivatives, and the properties that the texts name, computed from the functions.

import { activationByName, activationNames, type Tensor, tensor } from 'scratchformer';
import { prelu } from 'scratchformer/ops';
import { chart, type Panel } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';

const quarter = tensor([0.25], { dtype: 'float64' }); // PReLU's slope is learned, and begins here
const functions: Record<string, (x: Tensor) => Tensor> = {
  prelu: (x) => prelu(x, quarter),
  ...Object.fromEntries(activationNames().map((name) => [name, activationByName(name)])),
};
/** Those that take one number to one number; a gated one takes two, a stochastic one has no curve. */
const names = Object.keys(functions)
  .filter((name) => !/glu$/.test(name) && name !== 'stochasticGelu')
  .sort();

/** f(x) and its derivative, by the ops' own forward and backward, in float64. */
function evaluate(name: string, points: readonly number[]): { values: number[]; slopes: number[] } {
  const x = tensor([...points], { dtype: 'float64', requiresGrad: true });
  const y = functions[name]!(x);
  const values = y.toArray() as number[];
  y.sum().backward();
  return { values, slopes: x.grad!.toArray() as number[] };
}

const grid = (from: number, to: number, step: number) =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

/** Where the derivative jumps: it differs on both sides of a point, however near they are. */
function kinks(name: string): number[] {
  const near = 1e-7;
  const places = grid(-8, 8, 0.5);
  const [left, right] = [-near, near].map((shift) => evaluate(name, places.map((x) => x + shift)).slopes) as [number[], number[]]; // biome-ignore format: one line
  return places.filter((_, i) => Math.abs(right[i]! - left[i]!) > 1e-3);
}

/** E f(z) for z ~ N(0, 1), by the trapezoidal rule: 0 for a function whose outputs are centred. */
function meanOutput(name: string): number {
  const z = grid(-10, 10, 0.01);
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  return evaluate(name, z).values.reduce((sum, value, i) => sum + value * density(z[i]!) * 0.01, 0);
}

function properties(name: string) {
  const near = evaluate(name, grid(-100, 100, 0.01));
  const far = evaluate(name, grid(-1000, 0, 1));
  const lowest = Math.min(...near.values);
  const [left, right] = evaluate(name, [-30, 30]).slopes as [number, number];
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
      series: group.map((name) => ({ name, points: evaluate(name, x)[what].map((y, i) => [x[i]!, y] as const) })),
    })),
  ); // biome-ignore format: one line for each part
  return { numbers: { properties: rows }, figure: chart(panels) };
};
export default experiment;
