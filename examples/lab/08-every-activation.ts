// The same story GPT with every activation in its feed-forward networks: loss on held-out stories, and time per step.

import type { Tensor } from 'scratchformer';
import { entropy } from 'scratchformer/corpora';
import { type ActivationLike, activationByName, activationNames, PReLU } from 'scratchformer/nn';
import { type Axis, chart, type Panel, type Point } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, median, type Summary, summary } from './support/statistics.ts';
import { learn } from './support/stories.ts';

const WIDTH = 32;

/** All without chance; with 'none' the feed-forward networks are linear. Functions, since PReLU has a parameter. */
const activations: Record<string, () => ActivationLike> = {
  ...Object.fromEntries(activationNames().map((name) => [name, () => name])),
  prelu: () => new PReLU(), // one slope for both blocks
  none: () => (x: Tensor) => x,
};
delete activations.stochasticGelu; // in experiment 02

/** A gated network has three matrices in place of two, so it gets two thirds of the hidden width. */
const gated = activationNames().filter((name) => activationByName(name).gated);
const hiddenOf = (name: string) =>
  gated.includes(name as never) ? Math.round((2 / 3) * 4 * WIDTH) : 4 * WIDTH;

const families: Record<string, readonly string[]> = {
  'x times a gate of x': ['gelu', 'geluTanh', 'silu', 'mish', 'hardswish'],
  'gated by another projection': ['glu', 'geglu', 'swiglu'],
  'ReLU and its kin': ['relu', 'leakyRelu', 'prelu', 'squaredRelu', 'elu', 'softplus'],
  saturating: ['sigmoid', 'tanh'],
  'no activation': ['none'],
};

type Found = { readonly name: string; readonly loss: Summary; readonly milliseconds: number };

/** Two rows of marks, one for each activation, in the order of their losses. */
function figure(found: readonly Found[]): string {
  const x = {
    name: 'activation, from the lowest loss to the highest',
    categories: found.map(({ name }) => name),
  };
  const panel = (title: string, y: Axis, point: (one: Found) => Point): Panel => ({
    title,
    x,
    y,
    series: Object.entries(families).map(([name, members]) => ({
      name,
      as: 'dots',
      points: found.filter((one) => members.includes(one.name)).map(point),
    })),
  });
  return chart(
    [
      panel('Loss on held-out stories: mean of five seeds, and its 95 % interval', { name: 'nats per character' }, ({ name, loss }) => [name, loss.mean, loss.low, loss.high]),
      panel('Time per training step: median of five runs', { name: 'milliseconds', min: 0 }, ({ name, milliseconds }) => [name, milliseconds]),
    ],
    { columns: 1 },
  ); // biome-ignore format: one line for each panel
}

const experiment: Experiment = async ({ quick, each }) => {
  const steps = quick ? 6 : 450;
  const settings = Object.fromEntries(Object.keys(activations).map((name) => [name, name]));
  const runs = await each(settings, async (name) => {
    const model = { width: WIDTH, activation: activations[name]!(), hidden: hiddenOf(name) };
    const { model: gpt, validationLoss, milliseconds } = await learn({ steps, model });
    return {
      validationLoss,
      milliseconds,
      parameters: gpt.parameters().reduce((sum, { size }) => sum + size, 0),
    };
  });
  const losses = (name: string) => runs[name]!.map(({ validationLoss }) => validationLoss);
  const found = Object.keys(activations)
    .map((name) => ({
      name,
      loss: summary(losses(name)),
      overGelu: difference(losses(name), losses('gelu')),
      milliseconds: median(runs[name]!.map(({ milliseconds }) => milliseconds)),
      parameters: runs[name]![0]!.parameters,
    }))
    .sort((a, b) => a.loss.mean - b.loss.mean);
  return {
    numbers: {
      steps,
      entropy: entropy.natsPerCharacter,
      of: Object.fromEntries(found.map(({ name, ...rest }) => [name, rest])),
      swigluOverSquaredRelu: difference(losses('swiglu'), losses('squaredRelu')),
      table: found.map(({ name, loss, overGelu, milliseconds, parameters }) => ({
        activation: name,
        parameters,
        'validation loss': loss.mean,
        spread: loss.spread,
        'minus GELU': overGelu.mean,
        from: overGelu.low,
        to: overGelu.high,
        'ms per step': milliseconds,
      })),
    },
    figure: figure(found),
  };
};
export default experiment;
