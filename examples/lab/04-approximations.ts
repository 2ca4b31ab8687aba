// How far the tanh and sigmoid formulas are from exact GELU, what a misprint does, and what a trained model notices.

import { add, gelu, mul, relu, tanh } from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { evaluateLoss } from 'scratchformer/train';
import { chart, type Panel, type Point } from './support/charts.ts';
import { type Curve, evaluate, grid } from './support/curves.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, median, summary } from './support/statistics.ts';
import { learn, validation } from './support/stories.ts';

const approximations: Record<'tanh' | 'sigmoid', Curve> = {
  tanh: (x) => gelu(x, { approximate: 'tanh' }),
  sigmoid: (x) => gelu(x, { approximate: 'sigmoid' }),
};
/** ReLU is here as a yardstick: what a really different activation does to the loss. */
const activations: Record<string, Curve> = { exact: gelu, ...approximations, relu };

/** ½x(1 + tanh(c·(x + 0.044715·power))): the right one has c = √(2/π) and x³, the misprinted one 2/π and 3. */
const byTanh =
  (c: number, power: Curve): Curve =>
  (x) =>
    mul(mul(x, 0.5), add(tanh(mul(add(x, mul(power(x), 0.044715)), c)), 1));
const root = Math.sqrt(2 / Math.PI);
const cube: Curve = (x) => mul(mul(x, x), x);
const three: Curve = (x) => add(mul(x, 0), 3);
const prints: Record<string, Curve> = {
  right: byTanh(root, cube),
  '2/π for √(2/π)': byTanh(2 / Math.PI, cube),
  '×3 for x³': byTanh(root, three),
  'both, as printed': byTanh(2 / Math.PI, three),
};

/** f(x) − GELU(x) and the same of the derivatives, by the ops' own forward and backward, in float64. */
function errors(f: Curve, points: readonly number[]): { values: number[]; slopes: number[] } {
  const [is, should] = [evaluate(f, points), evaluate(gelu, points)];
  const of = (key: 'values' | 'slopes') => is[key].map((value, i) => value - should[key][i]!);
  return { values: of('values'), slopes: of('slopes') };
}

/** The greatest error, where it is, and that of the derivative. */
function greatest(formula: string, f: Curve) {
  const x = grid(-8, 8, 1e-4);
  const { values, slopes } = errors(f, x);
  const sizes = values.map(Math.abs);
  const error = sizes.reduce((a, b) => Math.max(a, b));
  const at = x[sizes.indexOf(error)]!;
  return { formula, 'greatest error': error, 'at x': at, 'of the derivative': slopes.map(Math.abs).reduce((a, b) => Math.max(a, b)) }; // biome-ignore format: one line
}

/** A GPT that learned with this activation; what the loss becomes if another one reads its weights. */
async function trained(activation: Curve, steps: number) {
  const { model, validationLoss, milliseconds } = await learn({ steps, model: { activation } });
  const { context } = model.options;
  const swapped = Object.entries(approximations).map(([name, other]): [string, number] => {
    const reader = new GPT({ ...model.options, activation: other });
    reader.loadStateDict(model.stateDict());
    const loss = evaluateLoss(reader, validation, { context, stride: context, batchSize: 64 });
    return [name, loss - validationLoss];
  });
  return { validationLoss, milliseconds, swapped: Object.fromEntries(swapped) };
}

type Trained = Readonly<Record<string, Awaited<ReturnType<typeof trained>>[]>>;

function rows(runs: Trained) {
  const losses = (name: string) => runs[name]!.map(({ validationLoss }) => validationLoss);
  return Object.keys(activations).map((formula) => ({
    formula,
    loss: summary(losses(formula)),
    minusExact: difference(losses(formula), losses('exact')),
    swapped: summary(runs.exact!.map(({ swapped }) => swapped[formula] ?? 0)),
    milliseconds: median(runs[formula]!.map(({ milliseconds }) => milliseconds)),
  }));
}

function panels(learned: ReturnType<typeof rows>): Panel[] {
  const x = { name: 'x (no unit)' };
  const [fine, wide] = [grid(-6, 6, 0.05), grid(-4, 4, 0.05)];
  const line = (f: Curve, points: number[], unit: number) => errors(f, points).values.map((y, i): Point => [points[i]!, y / unit]);
  const bars = learned.slice(1).map(({ formula, minusExact: { mean, low, high } }): Point => [formula, 1000 * mean, 1000 * low, 1000 * high]);
  return [
    { title: 'Error of the tanh formula', x, y: { name: 'tanh − exact (10⁻⁴)' }, series: [{ name: 'tanh', points: line(approximations.tanh, fine, 1e-4) }] },
    { title: 'Error of the sigmoid formula', x, y: { name: 'sigmoid − exact (10⁻⁴)' }, series: [{ name: 'sigmoid', points: line(approximations.sigmoid, fine, 1e-4) }] },
    { title: 'Error of the misprinted formula', x, y: { name: 'formula − exact' }, series: Object.entries(prints).map(([name, f]) => ({ name, points: line(f, wide, 1) })) },
    { title: 'Loss after training, beside exact GELU', x: { name: 'activation of the GPT', categories: bars.map(([name]) => name as string) }, y: { name: 'difference (10⁻³ nats)' }, series: [{ name: 'mean of five seeds, and its interval', as: 'dots', points: bars }] },
  ];
} // biome-ignore format: one line for each panel

const experiment: Experiment = async (lab) => {
  const runs = await lab.each(activations, (activation) => trained(activation, lab.quick ? 10 : 1200));
  const learned = rows(runs);
  const numbers = {
    errors: Object.entries(approximations).map(([name, f]) => greatest(name, f)),
    prints: Object.entries(prints).map(([name, f]) => greatest(name, f)),
    losses: learned.map(({ formula, loss, milliseconds }) => ({ activation: formula, loss: loss.mean, spread: loss.spread, 'ms per step': milliseconds })),
    trained: Object.fromEntries(learned.map(({ formula, ...rest }) => [formula, rest])),
  }; // biome-ignore format: one line for each
  return { numbers, figure: chart(panels(learned), { legends: 'each' }) };
};
export default experiment;
