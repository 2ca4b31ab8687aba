// GELU as the mean of a random gate, drawn; and networks that learn with the gate itself, beside ReLU and dropout.

import {
  crossEntropy,
  Dropout,
  full,
  gelu,
  manualSeed,
  normalCdf,
  stochasticGelu,
  tensor,
} from 'scratchformer';
import type { ActivationLike } from 'scratchformer/nn';
import { AdamW, warmupCosine } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';
import { chart, type Panel, type Point } from './support/charts.ts';
import { grid } from './support/curves.ts';
import { type Digits, digits, errorRate, mlp, randomImages } from './support/digits.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, type Summary, summary } from './support/statistics.ts';

/** One gate: x·m has the mean x·Φ(x), GELU, and the standard deviation |x|·√(Φ(1 − Φ)). */
function expected(x: number): { mean: number; spread: number } {
  const point = tensor([x], { dtype: 'float64' });
  const p = normalCdf(point).item();
  return { mean: gelu(point).item(), spread: Math.abs(x) * Math.sqrt(p * (1 - p)) };
}

/** Mean and standard deviation of x·m over drawn gates m ~ Bernoulli(Φ(x)); the mean has a 95 % interval. */
function drawn(x: number, draws: number) {
  const values = stochasticGelu(full([draws], x)).toArray() as number[];
  const mean = values.reduce((sum, value) => sum + value, 0) / draws;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1));
  const reach = (1.96 * expected(x).spread) / Math.sqrt(draws);
  const error = Math.abs(mean - expected(x).mean);
  return { x, mean, low: mean - reach, high: mean + reach, spread, error, inside: error <= reach };
}

interface Setting {
  readonly activation: ActivationLike;
  readonly dropout?: number;
}

/** The numbers are the dropout behind each activation. */
const settings: Record<string, Setting> = {
  ReLU: { activation: 'relu' },
  'ReLU + 10 %': { activation: 'relu', dropout: 0.1 },
  'ReLU + 25 %': { activation: 'relu', dropout: 0.25 },
  GELU: { activation: 'gelu' },
  'GELU + 10 %': { activation: 'gelu', dropout: 0.1 },
  'stochastic gate': { activation: 'stochasticGelu' },
};

/** Error rates of a network with four hidden layers of 128 that has learned a few digits. */
async function learn({ activation, dropout = 0 }: Setting, { train, test }: Digits, steps: number) {
  const model = mlp({ activation, depth: 4, width: 128, after: () => new Dropout(dropout) });
  await new Trainer({
    model,
    optimizer: new AdamW(model.parameters(), { weightDecay: 0 }),
    schedule: warmupCosine({ peak: 1e-3, floor: 1e-5, warmup: Math.ceil(steps / 20), steps }),
    nextBatch: () => randomImages(train, 64),
    loss: ({ inputs, targets }) => crossEntropy(model.forward(inputs), targets),
    units: ({ inputs }) => inputs.shape[0]!,
    steps,
  }).run();
  return { test: errorRate(model, test), train: errorRate(model, train) };
}

type Learned = Readonly<Record<string, Awaited<ReturnType<typeof learn>>[]>>;

function row(network: string, runs: Learned) {
  const tests = (name: string) => runs[name]!.map(({ test }) => test);
  const train = summary(runs[network]!.map(({ train }) => train));
  const gateMinusThis = difference(tests('stochastic gate'), tests(network));
  return { network, test: summary(tests(network)), train, gateMinusThis };
}

type Drawn = readonly ReturnType<typeof drawn>[];

function panels(few: Drawn, many: Drawn, rows: readonly ReturnType<typeof row>[]): Panel[] {
  const x = { name: 'x (no unit)' };
  const near = ([x]: Point) => Number(x) < 1.3;
  const curve = (key: 'mean' | 'spread') => grid(-4, 4, 0.05).map((x): Point => [x, expected(x)[key]]);
  const categories = rows.map(({ network }) => network.replace(' ', '\n'));
  const percent = ({ mean, low, high }: Summary, i: number): Point => [categories[i]!, 100 * mean, 100 * low, 100 * high];
  const networks = { as: 'dots' as const, name: 'mean of five seeds, and its interval' };
  const draws = { as: 'dots' as const, colour: '#c0392b' };
  return [
    { title: 'Mean of x·m', x, y: { name: 'E x·m' },
      series: [{ name: 'gelu', points: curve('mean').filter(near) }, { name: '100 drawn gates', ...draws, points: few.map(({ x, mean, low, high }): Point => [x, mean, low, high]).filter(near) }] },
    { title: 'How far one gate is from the mean', x, y: { name: 'standard deviation of x·m' },
      series: [{ name: '|x|·√(Φ(1 − Φ))', points: curve('spread') }, { name: '100,000 drawn gates', ...draws, points: many.map(({ x, spread }) => [x, spread]) }] },
    { title: 'Error on digits that were not seen', x: { name: 'activation + dropout', categories }, y: { name: 'wrong (%)' },
      series: [{ ...networks, points: rows.map(({ test }, i) => percent(test, i)) }] },
    { title: 'The stochastic gate beside the others', x: { name: 'activation + dropout', categories: categories.slice(0, -1) }, y: { name: 'gate − this one (points of %)' },
      series: [{ ...networks, points: rows.slice(0, -1).map(({ gateMinusThis }, i) => percent(gateMinusThis, i)) }] },
  ];
} // biome-ignore format: a panel in two lines

const experiment: Experiment = async (lab) => {
  manualSeed(1);
  const few = grid(-4, 4, 0.25).map((x) => drawn(x, 100));
  const many = grid(-4, 4, 0.25).map((x) => drawn(x, lab.quick ? 1000 : 100_000));
  const data = digits(lab.quick ? { count: 200, tests: 100 } : { count: 2000, tests: 8000 });
  const runs = await lab.each(settings, (setting) => learn(setting, data, lab.quick ? 20 : 1000));
  const rows = Object.keys(settings).map((name) => row(name, runs));
  const found = (means: Drawn) => {
    const inside = means.filter((mean) => mean.inside).length;
    return { points: means.length, inside, error: Math.max(...means.map(({ error }) => error)) };
  };
  const numbers = {
    simulated: { few: found(few), many: found(many) },
    errors: rows.map(({ network, test, train }) => ({ network, 'test error': test.mean, spread: test.spread, 'training error': train.mean })),
    test: Object.fromEntries(rows.map(({ network, test }) => [network, test])),
    gateMinus: Object.fromEntries(rows.map(({ network, gateMinusThis }) => [network, gateMinusThis])),
  }; // biome-ignore format: one line for each part
  return { numbers, figure: chart(panels(few, many, rows), { legends: 'each', height: 330 }) };
};
export default experiment;
