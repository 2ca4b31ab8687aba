// What it costs that outputs are not centred at zero: do a unit's weights move together, and is learning slower?

import { activationByName, crossEntropy, manualSeed, sub, type Tensor } from 'scratchformer';
import { inference, initKaimingNormal, type Linear, type Sequential } from 'scratchformer/nn';
import { SGD } from 'scratchformer/optimizers';
import { chart, type Panel, type Point, type Series } from './support/charts.ts';
import { digits, mlp, randomImages } from './support/digits.ts';
import type { Experiment } from './support/experiment.ts';
import { type Summary, summary, withInterval } from './support/statistics.ts';

const { train } = digits({ count: 4000, tests: 10 });
const [layers, sizes, target] = [[1, 2, 3], [1, 8, 64], 0.5];

interface Setting {
  readonly name: string;
  /** Taken from the output: about its mean for inputs of N(0, 1), so that nothing but the centre changes. */
  readonly shift: number;
  /** Weights are N(0, gain²/in): Xavier's 1 or Kaiming's √2. */
  readonly gain: number;
  /** Learning rates, the best neither the first nor the last. */
  readonly rates: readonly number[];
}
const slow = { name: 'sigmoid', gain: 1, rates: [0.3, 1, 3] };
const fast = { gain: Math.SQRT2, rates: [0.01, 0.03, 0.1, 0.3] };
const settings: Record<string, Setting> = {
  sigmoid: { ...slow, shift: 0 },
  'sigmoid − 0.5': { ...slow, shift: 0.5 },
  tanh: { ...fast, name: 'tanh', gain: 1, shift: 0 },
  relu: { ...fast, name: 'relu', shift: 0 },
  'relu − 0.4': { ...fast, name: 'relu', shift: 0.4 },
  gelu: { ...fast, name: 'gelu', shift: 0 },
  'gelu − 0.28': { ...fast, name: 'gelu', shift: 0.28 },
};

function network({ name, shift, gain }: Setting): Sequential {
  const f = activationByName(name);
  const activation = shift === 0 ? f : (x: Tensor) => sub(f(x), shift);
  return mlp({ activation, depth: layers.length, width: 64, init: initKaimingNormal(gain) });
}

/** For the outputs of each hidden layer: their mean, and the share of its square in the mean of their squares. */
function centres(model: Sequential): { means: number[]; shares: number[] } {
  let x = randomImages(train, 200).inputs;
  const both = inference(model, () =>
    layers.map((i) => {
      x = model.items[2 * i - 1]!.forward(model.items[2 * i - 2]!.forward(x));
      const mean = x.mean().item();
      return [mean, mean ** 2 / x.square().mean().item()] as const;
    }),
  );
  return { means: both.map(([mean]) => mean), shares: both.map(([, share]) => share) };
}

function backpropagate(model: Sequential, batchSize: number): number {
  const { inputs, targets } = randomImages(train, batchSize);
  const loss = crossEntropy(model.forward(inputs), targets);
  model.zeroGrad();
  loss.backward();
  return loss.item();
}

/** Of all pairs of weights of one hidden unit that a step moves, the share that moves the same way: ½ is chance. */
function sameWay(model: Sequential, batchSize: number): number {
  const shares: number[] = [];
  for (let batch = 0; batch < 20; batch++) {
    backpropagate(model, batchSize);
    const fedByHidden = [2, 4].map((i) => (model.items[i] as Linear).weight.grad!.toArray() as number[][]);
    for (const unit of fedByHidden.flat()) {
      const [up, down] = [unit.filter((g) => g < 0).length, unit.filter((g) => g > 0).length];
      const [n, same] = [up + down, up * (up - 1) + down * (down - 1)];
      if (n > 1) shares.push(same / (n * (n - 1)));
    }
  }
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Steps of plain SGD until the mean loss of 25 steps is at the target, or `most`. */
function stepsToTarget(model: Sequential, lr: number, most: number): number {
  const optimizer = new SGD(model.parameters(), { lr });
  const losses: number[] = [];
  for (let step = 1; step <= most; step++) {
    losses.push(backpropagate(model, 16));
    optimizer.step();
    const mean = losses.slice(-25).reduce((sum, loss) => sum + loss, 0) / 25;
    if (step >= 25 && mean <= target) return step;
    if (!(mean < 100)) return most; // it diverges
  }
  return most;
}

const experiment: Experiment = async (lab) => {
  const most = lab.quick ? 4 : 1000;
  const found = await lab.each(settings, (setting, seed) => {
    const model = network(setting);
    const steps = setting.rates.map((lr) => {
      manualSeed(seed);
      return stepsToTarget(network(setting), lr, most);
    });
    return { ...centres(model), same: sizes.map((size) => sameWay(model, size)), steps };
  });
  const over = (name: string, what: 'means' | 'shares' | 'same' | 'steps', i: number) => summary(found[name]!.map((run) => run[what][i]!)); // biome-ignore format: one line
  const rows = Object.entries(settings).map(([name, { rates }]) => {
    const tried = rates.map((lr, i) => ({ lr, ...over(name, 'steps', i) }));
    const best = tried.reduce((a, b) => (b.mean < a.mean ? b : a)); // in the mean of the seeds
    const same = Object.fromEntries(sizes.map((size, i) => [`same way, batch of ${size}`, over(name, 'same', i).mean])); // biome-ignore format: one line
    return { name, best, row: { activation: name, 'mean output': over(name, 'means', 1).mean, 'its share': over(name, 'shares', 1).mean, ...same, 'learning rate': best.lr, steps: withInterval(best, 0) } }; // biome-ignore format: one line
  });

  const point = (x: string, { mean, low, high }: Summary): Point => [x, mean, low, high];
  const curves = (places: readonly number[], what: 'means' | 'same') =>
    Object.entries(settings).map(([key, { name, shift }]): Series => ({ name, dashed: shift > 0, points: places.map((x, i) => point(`${x}`, over(key, what, i))) })); // biome-ignore format: one line
  const panels: Panel[] = [
    { title: 'centred? (dashed: shifted)', x: { name: 'hidden layer', categories: layers.map(String) }, y: { name: 'mean output (no unit)' }, series: curves(layers, 'means') },
    { title: 'one step of one unit', x: { name: 'images in the batch', categories: sizes.map(String) }, y: { name: 'pairs of weights that move alike (share)', min: 0.4, max: 1 }, series: curves(sizes, 'same') },
    { title: `until the loss is ${target}`, x: { name: 'activation', categories: Object.keys(settings) }, y: { name: 'steps, best learning rate', min: 0 }, series: rows.map(({ name, best }) => ({ name: settings[name]!.name, as: 'dots', points: [point(name, best)] })) },
  ]; // biome-ignore format: one line for each panel
  return { numbers: { rows: rows.map(({ row }) => row), steps: rows.map(({ best }) => best) }, figure: chart(panels, { columns: 3, height: 340 }) }; // biome-ignore format: one line
};
export default experiment;
