// How many units die of a high learning rate or a very negative bias, and how many come back when training goes on.

import { activationByName, crossEntropy, tensor } from 'scratchformer';
import { type Init, inference, initKaimingNormal, type Sequential } from 'scratchformer/nn';
import { AdamW } from 'scratchformer/optimizers';
import { full } from 'scratchformer/tensor';
import { chart, type Panel, type Series } from './support/charts.ts';
import { batchOf, digits, errorRate, mlp, randomImages } from './support/digits.ts';
import type { Experiment } from './support/experiment.ts';
import { type Summary, summary, withInterval } from './support/statistics.ts';

const { train, test } = digits({ count: 2000, tests: 1000 });
const sample = batchOf(train, [...train.labels.keys()]).inputs;
const names = ['relu', 'leakyRelu', 'elu', 'gelu', 'mish'] as const;
const [rates, biases] = [
  [0.001, 0.01, 0.03, 0.1],
  [0, -2, -4, -8],
];
const low = rates[0]!;

/**
 * Tells of every hidden unit whether it is dead: the slope of the activation is below 1e-6 for every image, and all that the
 * loss sends to the weights of a unit is multiplied by this slope. The same rule for all, whatever their slopes are.
 */
function deadUnits(model: Sequential): boolean[] {
  const dead: boolean[] = [];
  let x = sample;
  for (const [i, layer] of model.items.slice(0, -1).entries()) {
    const y = inference(model, () => layer.forward(x));
    if (i % 2 === 0) {
      const z = tensor(y.toArray(), { requiresGrad: true });
      model.items[i + 1]!.forward(z).sum().backward(); // z.grad is the slope at z
      const steepest = z.grad!.abs().max(0).toArray() as number[];
      dead.push(...steepest.map((slope) => slope < 1e-6));
    }
    x = y;
  }
  return dead;
}

function learn(model: Sequential, lr: number, steps: number): { dead: boolean[]; error: number } {
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0 });
  for (let step = 0; step < steps; step++) {
    const { inputs, targets } = randomImages(train, 16);
    optimizer.zeroGrad();
    crossEntropy(model.forward(inputs), targets).backward();
    optimizer.step();
  }
  return { dead: deadUnits(model), error: errorRate(model, test) };
}

interface Cause {
  readonly rate: number;
  readonly bias: number;
}
interface Setting extends Cause {
  readonly name: (typeof names)[number];
}
const byRate: Cause[] = rates.map((rate) => ({ rate, bias: 0 }));
const byBias: Cause[] = biases.map((bias) => ({ rate: low, bias }));
const written = (x: number) => `${x}`.replace('-', '−');
const key = ({ name, rate, bias }: Setting) => `${name}, rate ${rate}, bias ${bias}`;

/** Learns with the rate and the bias, and then again as long with the low rate. */
function run(steps: number, { name, rate, bias }: Setting) {
  const biasInit: Init = (shape) => full(shape, bias);
  const activation = activationByName(name);
  const model = mlp({ activation, depth: 2, width: 64, init: initKaimingNormal(), biasInit });
  const [first, later] = [learn(model, rate, steps), learn(model, low, steps)];
  const share = (of: readonly boolean[]) => of.filter((yes) => yes).length / of.length;
  const back = share(first.dead.map((dead, i) => dead && !later.dead[i]));
  return { dead: share(first.dead), deadLater: share(later.dead), back, error: first.error, errorLater: later.error }; // biome-ignore format: one line
}
type Run = ReturnType<typeof run>;
type Found = Record<string, Run[]>;

function over(found: Found, setting: Setting, what: keyof Run): Summary {
  return summary(found[key(setting)]!.map((run) => run[what]));
}

/** What all activations have of one cause. */
function compare(found: Found, cause: Cause) {
  const of = (name: Setting['name']) => {
    const about = (what: keyof Run) => over(found, { name, ...cause }, what);
    return { dead: about('dead'), 'dead later': about('deadLater'), 'came back': about('back'), 'wrong guesses': about('error'), 'wrong later': about('errorLater') }; // biome-ignore format: one line
  };
  const table = names.map((name) => ({ activation: name, ...Object.fromEntries(Object.entries(of(name)).map(([what, found]) => [what, withInterval(found)])) })); // biome-ignore format: one line
  return { table, ...Object.fromEntries(names.map((name) => [name, of(name)])) };
}

function curves(found: Found, causes: readonly Cause[], whats: readonly (keyof Run)[]): Series[] {
  const settings = names.flatMap((name) => whats.map((what) => ({ name, what })));
  return settings.map(({ name, what }, i) => ({
    name,
    dashed: i % 2 === 1,
    points: causes.map((cause) => {
      const { mean, low, high } = over(found, { name, ...cause }, what);
      return [written(causes === byRate ? cause.rate : cause.bias), mean, low, high];
    }),
  }));
}

const experiment: Experiment = async (lab) => {
  const steps = lab.quick ? 4 : 200;
  const settings = names.flatMap((name) =>
    [...byRate, ...byBias.slice(1)].map((cause) => ({ name, ...cause })),
  );
  const found = await lab.each(Object.fromEntries(settings.map((one) => [key(one), one])), (one) => run(steps, one)); // biome-ignore format: one line
  const panels: Panel[] = (['dead', 'error'] as const).flatMap((what) => {
    const y = { name: what === 'dead' ? 'dead units (share)' : 'wrong guesses (share)', min: 0, max: 1 };
    const later = `(dashed: after ${steps} more steps)`;
    return [
      { title: `learning rate ${later}`, x: { name: 'learning rate of AdamW', categories: rates.map(written) }, y, series: curves(found, byRate, [what, `${what}Later`]) },
      { title: `negative bias ${later}`, x: { name: 'initial bias of hidden units', categories: biases.map(written) }, y, series: curves(found, byBias, [what, `${what}Later`]) },
    ];
  }); // biome-ignore format: one line for each panel
  const [highRate, lowBias] = [compare(found, byRate.at(-1)!), compare(found, byBias.at(-1)!)];
  return { numbers: { steps, highRate, lowBias }, figure: chart(panels) };
};
export default experiment;
