// Dropout beside GELU and ReLU: what it does to the validation loss of a GPT that has little text, and one that has enough.

import { chart, type Panel, type Series } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, summary, withInterval } from './support/statistics.ts';
import { learn, training } from './support/stories.ts';

const activations = ['gelu', 'relu'] as const;
const rates = [0, 0.1, 0.2];
/** Eight stories, which are read 180 times, and all 5,000, which are read at most once. */
const texts = { few: training.subarray(0, 1000), all: training };
const titles = { few: '1,000 characters', all: `${training.length.toLocaleString('en-US')} characters` };

interface Setting {
  readonly text: keyof typeof texts;
  readonly activation: (typeof activations)[number];
  readonly dropout: number;
}
const settings: Setting[] = (['few', 'all'] as const).flatMap((text) =>
  activations.flatMap((activation) => rates.map((dropout) => ({ text, activation, dropout }))),
);
const key = ({ text, activation, dropout }: Setting) => `${text}, ${activation}, dropout ${dropout}`;

type Found = Record<string, number[][]>;
const ends = (found: Found, setting: Setting) => found[key(setting)]!.map((losses) => losses.at(-1)!);
const bests = (found: Found, setting: Setting) => found[key(setting)]!.map((losses) => Math.min(...losses));

/** Loss at the end, or the best on the way, and what dropout changes in it, run by run: below 0 is better. */
function compare(found: Found, setting: Setting, of: typeof ends) {
  const [losses, without] = [of(found, setting), of(found, { ...setting, dropout: 0 })];
  return { loss: summary(losses), change: difference(losses, without) };
}

function curves(found: Found, text: Setting['text'], every: number): Panel {
  const line = ({ activation, dropout }: Setting): Series => {
    const runs = found[key({ text, activation, dropout })]!;
    const points = runs[0]!.map((_, i) => [(i + 1) * every, summary(runs.map((losses) => losses[i]!)).mean] as const); // biome-ignore format: one line
    return { name: `dropout ${dropout}`, dashed: activation === 'relu', points };
  };
  return {
    title: `${titles[text]} (dashed: ReLU)`,
    x: { name: 'steps' },
    y: { name: 'validation loss (nats/character)' },
    series: settings.filter((setting) => setting.text === text).map(line),
  };
}

function results(found: Found, text: Setting['text']): Panel {
  const line = (activation: Setting['activation'], of: typeof ends): Series => ({
    name: activation,
    dashed: of === bests,
    points: rates.map((dropout) => {
      const { mean, low, high } = summary(of(found, { text, activation, dropout }));
      return [`${dropout}`, mean, low, high];
    }),
  });
  return {
    title: `${titles[text]}: at the end (dashed: best)`,
    x: { name: 'dropout (probability)', categories: rates.map(String) },
    y: { name: 'validation loss (nats/character)' },
    series: activations.flatMap((activation) => [line(activation, ends), line(activation, bests)]),
  };
}

const experiment: Experiment = async (lab) => {
  const [steps, validateEvery] = lab.quick ? [2, 1] : [350, 50];
  const all = Object.fromEntries(settings.map((setting) => [key(setting), setting]));
  const found = await lab.each(all, async ({ text, activation, dropout }) => {
    const model = { activation, dropout, width: 48 };
    return [...(await learn({ steps, validateEvery, text: texts[text], model })).validationLosses];
  });
  const losses = settings.map((setting) => ({
    ...setting,
    end: compare(found, setting, ends),
    best: compare(found, setting, bests),
  }));
  const shown = ({ loss, change }: ReturnType<typeof compare>, name: string, dropout: number) => ({
    [name]: withInterval(loss),
    [`${name}: change`]: dropout === 0 ? '–' : withInterval(change),
  });
  const table = losses.map(({ end, best, ...setting }) => ({
    ...setting,
    ...shown(end, 'at the end', setting.dropout),
    ...shown(best, 'best on the way', setting.dropout),
  }));
  const panels = [curves(found, 'few', validateEvery), curves(found, 'all', validateEvery), results(found, 'few'), results(found, 'all')]; // biome-ignore format: one line
  return { numbers: { steps, table, losses }, figure: chart(panels) };
};
export default experiment;
