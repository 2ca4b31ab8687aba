// Whether GELU pays more in bigger models: its loss less that of ReLU in story GPTs of four sizes.

import { entropy } from 'scratchformer/corpora';
import { chart } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { difference, mean, type Summary, slope, summary } from './support/statistics.ts';
import { learn } from './support/stories.ts';

const sizes = [
  { width: 16, layers: 1 },
  { width: 32, layers: 2 },
  { width: 48, layers: 3 },
  { width: 64, layers: 4 },
];
const activations = ['gelu', 'relu'] as const;
type Size = (typeof sizes)[number];
interface Setting {
  readonly size: Size;
  readonly activation: (typeof activations)[number];
}

const nameOf = ({ size, activation }: Setting) => `${activation} ${size.width}`;

interface Found {
  readonly parameters: number;
  readonly gelu: Summary;
  readonly relu: Summary;
  readonly difference: Summary;
}

function figure(found: readonly Found[]): string {
  const x = { name: 'parameters', log: true, min: 1000, max: 1e6 };
  const line = (name: 'gelu' | 'relu' | 'difference', label: string) => ({
    name: label,
    points: found.map(({ parameters, [name]: { mean, low, high } }) => [parameters, mean, low, high] as const),
  });
  const floor = { name: 'entropy of the stories', dashed: true, points: [1000, 1e6].map((x) => [x, entropy.natsPerCharacter] as const) };
  return chart([
    { title: 'Loss on held-out stories', x, y: { name: 'nats per character', min: 0 }, series: [line('gelu', 'gelu'), line('relu', 'relu'), floor] },
    { title: 'GELU − ReLU by seed: mean and 95 % interval', x, y: { name: 'nats per character' }, series: [line('difference', 'GELU − ReLU'), { name: 'no difference', dashed: true, points: [[1000, 0], [1e6, 0]] }] },
  ]);
} // biome-ignore format: one line for each panel

const experiment: Experiment = async ({ quick, each }) => {
  const steps = quick ? 5 : 420;
  const settings = sizes.flatMap((size) => activations.map((activation) => ({ size, activation })));
  const runs = await each(
    Object.fromEntries(settings.map((setting) => [nameOf(setting), setting])),
    async ({ size, activation }: Setting) => {
      const { model, validationLoss } = await learn({ steps, model: { ...size, activation } });
      return { validationLoss, parameters: model.parameters().reduce((sum, one) => sum + one.size, 0) };
    },
  );
  const losses = (activation: Setting['activation'], size: Size) =>
    runs[nameOf({ size, activation })]!.map(({ validationLoss }) => validationLoss);
  const found = sizes.map((size) => {
    const [gelu, relu] = [losses('gelu', size), losses('relu', size)];
    return {
      ...size,
      parameters: runs[nameOf({ size, activation: 'gelu' })]![0]!.parameters,
      gelu: summary(gelu),
      relu: summary(relu),
      difference: difference(gelu, relu),
      /** As a share of what ReLU's loss is above the entropy, which no model gets below. */
      shares: relu.map((loss, run) => (gelu[run]! - loss) / (loss - entropy.natsPerCharacter)),
      differences: gelu.map((loss, run) => loss - relu[run]!),
    };
  });
  const decades = found.map(({ parameters }) => Math.log10(parameters));
  /** By how much a tenfold size changes what each seed found. */
  const trend = (what: 'differences' | 'shares') =>
    summary(found[0]![what].map((_, run) => slope(decades, found.map((size) => size[what][run]!)))); // biome-ignore format: one line
  return {
    numbers: {
      steps,
      trend: trend('differences'),
      trendOfShare: trend('shares'),
      sizes: found.map(({ differences, shares, ...rest }) => ({ ...rest, share: summary(shares) })),
      table: found.map(({ width, layers, parameters, gelu, relu, difference, shares }) => ({
        width,
        layers,
        parameters,
        GELU: gelu.mean,
        ReLU: relu.mean,
        'GELU − ReLU': difference.mean,
        from: difference.low,
        to: difference.high,
        'of the excess over the entropy (%)': 100 * mean(shares),
      })),
    },
    figure: figure(found),
  };
};
export default experiment;
