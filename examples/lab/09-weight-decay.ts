// Which parameters should decay: gains and biases over the training of a story GPT, and its loss, for six choices.

import type { Parameter, Role } from 'scratchformer/nn';
import { AdamW } from 'scratchformer/optimizers';
import { every } from 'scratchformer/train';
import { chart, type Panel } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, mean, summary } from './support/statistics.ts';
import { learn } from './support/stories.ts';

/** What decays: by the first as by `decayGroups`. The embedding of tokens is the output layer, too. */
const choices: Record<string, readonly Role[]> = {
  'the usual': ['weight', 'embedding'],
  'weights only': ['weight'],
  'biases too': ['weight', 'embedding', 'bias'],
  'gains too': ['weight', 'embedding', 'gain'],
  everything: ['weight', 'embedding', 'bias', 'gain'],
};
const strengths = { mild: 0.1, strong: 1 };
type Strength = keyof typeof strengths;
interface Setting {
  readonly decays: readonly Role[];
  readonly strength: Strength;
}

const roles: readonly Role[] = ['weight', 'embedding', 'bias', 'gain'];
const parts = (parameters: readonly Parameter[], { decays, strength }: Setting) =>
  roles.map((role) => ({
    name: role,
    params: parameters.filter((parameter) => parameter.role === role),
    weightDecay: decays.includes(role) ? strengths[strength] : 0,
  }));

/** The mean gain of the layer norms, and the mean size of all biases but those of keys, which change nothing. */
function snapshot(step: number, named: readonly (readonly [string, Parameter])[]) {
  const values = (role: Role) =>
    named.filter(([name, p]) => p.role === role && !/key/.test(name)).flatMap(([, { data }]) => [...data]);
  return { step, gain: mean(values('gain')), bias: mean(values('bias').map(Math.abs)) };
}

async function train(setting: Setting, steps: number) {
  const path: ReturnType<typeof snapshot>[] = [];
  let named: [string, Parameter][] = [];
  const { validationLoss } = await learn({
    steps,
    model: { bias: true },
    optimizer: (model) => {
      named = model.namedParameters();
      path.push(snapshot(0, named));
      return new AdamW(parts(model.parameters(), setting), { betas: [0.9, 0.99] });
    },
    hooks: [every(steps / 20, ({ step }) => void path.push(snapshot(step, named)))],
  });
  return { validationLoss, path };
}
type Run = Awaited<ReturnType<typeof train>>;

const names = ['nothing', ...Object.keys(choices)];
const losses = (runs: readonly Run[]) => runs.map(({ validationLoss }) => validationLoss);
type Of = (decays: string, strength: Strength) => readonly Run[];

function table(of: Of, strength: Strength) {
  return names.map((decays) => {
    const runs = of(decays, strength);
    const loss = summary(losses(runs));
    const over = difference(losses(runs), losses(of('the usual', strength)));
    const [gain, bias] = (['gain', 'bias'] as const).map((what) =>
      mean(runs.map(({ path }) => path.at(-1)![what])),
    );
    return { decays, 'validation loss': loss.mean, spread: loss.spread, 'minus the usual': over.mean, from: over.low, to: over.high, 'mean gain': gain!, 'mean size of a bias': bias! }; // biome-ignore format: one row
  });
}

/** The mean over the seeds, step by step. */
const panelOver = (of: Of, what: 'gain' | 'bias', title: string, unit: string): Panel => ({
  title,
  x: { name: 'training step' },
  y: { name: unit, min: 0 },
  series: names.map((name) => {
    const runs = of(name, 'strong');
    const points = runs[0]!.path.map(({ step }, i) => [step, mean(runs.map(({ path }) => path[i]![what]))] as const);
    return { name, points };
  }),
}); // biome-ignore format: one line for the points

const panelOf = (rows: ReturnType<typeof table>, strength: Strength): Panel => ({
  title: `Loss against the usual choice, decay ${strengths[strength]}`,
  x: { name: 'what decays', categories: names },
  y: { name: 'difference (nats per character)' },
  series: rows.map((row) => ({
    name: row.decays,
    as: 'dots',
    points: [[row.decays, row['minus the usual'], row.from, row.to]],
  })),
});

const experiment: Experiment = async ({ quick, each }) => {
  const steps = quick ? 20 : 600;
  const settings: Record<string, Setting> = { nothing: { decays: [], strength: 'mild' } };
  for (const strength of ['mild', 'strong'] as const)
    for (const [name, decays] of Object.entries(choices))
      settings[`${name}, ${strength}`] = { decays, strength };
  const runs = await each(settings, (setting) => train(setting, steps));
  const of: Of = (name, strength) => runs[name === 'nothing' ? name : `${name}, ${strength}`]!;
  const [mild, strong] = [table(of, 'mild'), table(of, 'strong')];
  const figure = chart([
    panelOver(of, 'gain', 'Mean gain of the layer norms, decay 1', 'gain (no unit)'),
    panelOver(of, 'bias', 'Mean size of a bias, decay 1', '|bias| (no unit)'),
    panelOf(mild, 'mild'),
    panelOf(strong, 'strong'),
  ]);
  return { numbers: { steps, mild, strong }, figure };
};
export default experiment;
