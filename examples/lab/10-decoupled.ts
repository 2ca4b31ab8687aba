// Weight decay as an L2 penalty in Adam's gradient, and decoupled from it as in AdamW: test loss by learning rate and decay.

import { crossEntropy } from 'scratchformer';
import { inference } from 'scratchformer/nn';
import { Adam, AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';
import { batchOf, type Digits, digits, mlp, randomImages } from './support/digits.ts';
import type { Experiment } from './support/experiment.ts';
import { heatMaps } from './support/heatMaps.ts';
import { difference, mean, slope, summary } from './support/statistics.ts';

const powersOf4 = (first: number, count: number) => Array.from({ length: count }, (_, i) => first * 4 ** i);
const rates = powersOf4(3e-4, 4);
/** Each optimizer with its decays; the same number means something else to each. */
const optimizers = {
  l2: { make: Adam, decays: powersOf4(1e-4, 7) },
  decoupled: { make: AdamW, decays: powersOf4(0.01, 7) },
};
type Kind = keyof typeof optimizers;
interface Cell {
  readonly kind: Kind;
  readonly rate: number;
  readonly decay: number;
}

const kinds = Object.keys(optimizers) as Kind[];
const cells = kinds.flatMap((kind) => optimizers[kind].decays.flatMap((decay) => rates.map((rate): Cell => ({ kind, rate, decay })))); // biome-ignore format: one line

/** Trains on few images, so that decay has something to do: cross entropy on other images. */
async function testLoss(
  { kind, rate, decay }: Cell,
  { train, test }: Digits,
  steps: number,
): Promise<number> {
  const model = mlp({ activation: 'gelu', depth: 2, width: 64 });
  await new Trainer({
    model,
    optimizer: new optimizers[kind].make(decayGroups(model, { weightDecay: decay })),
    schedule: warmupCosine({ peak: rate, floor: 0, warmup: Math.ceil(steps / 20), steps }),
    nextBatch: () => randomImages(train, 64),
    loss: ({ inputs, targets }) => crossEntropy(model.forward(inputs), targets),
    units: () => 64,
    steps,
  }).run();
  const { inputs, targets } = batchOf(test, [...test.labels.keys()]);
  return inference(model, () => crossEntropy(model.forward(inputs), targets).item());
}

/** Where a parabola through the lowest point of a row and its neighbours is lowest: log₄ of the best decay. */
function bestDecay(decays: readonly number[], losses: readonly number[]): number {
  const i = Math.min(Math.max(losses.indexOf(Math.min(...losses)), 1), losses.length - 2);
  const [left, middle, right] = losses.slice(i - 1, i + 2) as [number, number, number];
  const shift = (left - right) / (2 * (left - 2 * middle + right));
  return decays[i]! * 4 ** Math.min(Math.max(shift, -1), 1);
}

/** The power of x that y grows with: 0 where it does not depend on x. */
const exponent = (x: readonly number[], y: readonly number[]) => slope(x.map(Math.log), y.map(Math.log));

const short = (value: number) => String(Number(value.toPrecision(3)));

const experiment: Experiment = async ({ quick, seeds, each }) => {
  const steps = quick ? 3 : 300;
  const data = digits({ count: quick ? 100 : 500, tests: quick ? 100 : 2000 });
  const named = Object.fromEntries(cells.map((cell) => [Object.values(cell).join(' '), cell]));
  const runs = await each(named, (cell) => testLoss(cell, data, steps), seeds.slice(0, 3));
  const losses = (kind: Kind, rate: number, decay: number) => runs[`${kind} ${rate} ${decay}`]!;
  /** Each learning rate's best decay, for losses that are means over the seeds or those of one. */
  const best = (kind: Kind, loss: (of: readonly number[]) => number) =>
    rates.map((rate) => bestDecay(optimizers[kind].decays, optimizers[kind].decays.map((decay) => loss(losses(kind, rate, decay))))); // biome-ignore format: one line
  const lowest = (kind: Kind, at = rates) =>
    cells.filter((cell) => cell.kind === kind && at.includes(cell.rate)).map(({ rate, decay }) => losses(kind, rate, decay)).reduce((a, b) => (mean(b) < mean(a) ? b : a)); // biome-ignore format: one line
  const exponentOf = (kind: Kind, seed: number) => exponent(rates, best(kind, (of) => of[seed]!)); // biome-ignore format: one line
  const found = (kind: Kind) => ({
    lowest: summary(lowest(kind)),
    exponent: summary(lowest(kind).map((_, seed) => exponentOf(kind, seed))),
  });
  const [l2, decoupled] = [best('l2', mean), best('decoupled', mean)];
  const rows = rates.map((rate, i) => ({
    'learning rate': rate,
    'L2: lowest loss': mean(lowest('l2', [rate])),
    'best factor': l2[i]!,
    'AdamW: lowest loss': mean(lowest('decoupled', [rate])),
    'best decay': decoupled[i]!,
    'best decay × learning rate': decoupled[i]! * rate,
  }));
  const figure = heatMaps(
    kinds.map((kind) => ({
      title: kind === 'l2' ? 'L2 penalty in the gradient (Adam)' : 'Decoupled decay (AdamW)',
      x: { name: 'peak learning rate', categories: rates.map(short) },
      y: { name: kind === 'l2' ? 'factor of the penalty' : 'decay', categories: optimizers[kind].decays.map(short) },
      values: optimizers[kind].decays.map((decay) => rates.map((rate) => mean(losses(kind, rate, decay)))),
      unit: 'nats',
    })),
  ); // biome-ignore format: one line for an axis
  const numbers = {
    steps,
    l2: found('l2'),
    decoupled: found('decoupled'),
    over: difference(lowest('decoupled'), lowest('l2')),
    rows,
  };
  return { numbers, figure };
};
export default experiment;
