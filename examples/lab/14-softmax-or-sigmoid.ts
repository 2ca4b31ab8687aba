// Softmax, or a sigmoid for each token, at the output of a story GPT: sum of probabilities, loss, samples, by vocabulary.

import { randomBatch, windows } from 'scratchformer/data';
import { inference } from 'scratchformer/nn';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';
import { chart } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { type Output, OutputGPT, outputs } from './support/outputGPT.ts';
import { difference, type Summary, summary } from './support/statistics.ts';
import { type Pieces, pieces, tokenizer, training } from './support/stories.ts';

async function learn(output: Output, { vocabulary, train }: Pieces, steps: number): Promise<OutputGPT> {
  const model = new OutputGPT(output, { vocabSize: vocabulary.length, context: 16, layers: 2, heads: 2, width: 32, initStd: 0.1 }); // biome-ignore format: one line
  await new Trainer({
    model,
    optimizer: new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] }),
    schedule: warmupCosine({ peak: 5e-3, floor: 5e-4, warmup: Math.ceil(steps / 20), steps }),
    nextBatch: () => randomBatch(train, { batchSize: 16, context: 16 }),
    steps,
  }).run();
  return model;
}

const wordsOf = (text: string) => text.match(/[a-z]+/gi) ?? [];
const words = new Set(wordsOf(tokenizer.decode(training)));
const measures = ['raw', 'normalised', 'low', 'median', 'high', 'words'] as const;
type Measured = Readonly<Record<(typeof measures)[number], number>>;

/** On held-out stories: the sum of the probabilities at each position, and the nats per character without and with division by it. */
function measure(model: OutputGPT, { length, test, vocabulary }: Pieces, quick: boolean): Measured {
  const V = vocabulary.length;
  const sums: number[] = [];
  let raw = 0;
  for (const { inputs, targets } of windows(test.subarray(0, quick ? 129 : 4097), {
    context: 16,
    batchSize: 8,
  })) {
    const logs = inference(model, () => model.forward(inputs).toTypedArray() as Float32Array);
    for (const [i, target] of targets.toTypedArray().entries()) {
      sums.push(logs.subarray(i * V, (i + 1) * V).reduce((sum, log) => sum + Math.exp(log), 0));
      raw -= logs[i * V + target]!;
    }
  }
  const excess = sums.reduce((total, sum) => total + Math.log(sum), 0);
  sums.sort((a, b) => a - b);
  const quantile = (share: number) => sums[Math.round(share * (sums.length - 1))]!;
  const perCharacter = 1 / (sums.length * length);
  const text = model
    .generate(test.subarray(0, 1), { maxTokens: (quick ? 120 : 1200) / length })
    .map((id) => vocabulary[id]);
  const written = wordsOf(text.join('')).slice(1, -1);
  return {
    raw: raw * perCharacter,
    normalised: (raw + excess) * perCharacter,
    low: quantile(0.05),
    median: quantile(0.5),
    high: quantile(0.95),
    words: written.filter((word) => words.has(word)).length / written.length,
  };
}

interface Found {
  readonly V: number;
  readonly softmax: Readonly<Record<keyof Measured, Summary>>;
  readonly sigmoid: Readonly<Record<keyof Measured, Summary>>;
  readonly over: Summary;
  readonly rawOver: Summary;
}

function figure(found: readonly Found[]): string {
  const line = (name: string, point: (one: Found) => Summary, dashed = false) => ({
    name,
    dashed,
    points: found.map((one) => [one.V, point(one).mean, point(one).low, point(one).high] as const),
  });
  const x = { name: 'tokens in the vocabulary', log: true, min: 10, max: 10_000 };
  return chart(
    [
      { title: 'Sum of all probabilities', x, y: { name: 'sum (no unit)', min: 0 }, series: [line('softmax', (one) => one.softmax.median), { name: 'sigmoid', points: found.map(({ V, sigmoid: { median, low, high } }) => [V, median.mean, low.mean, high.mean]) }] },
      { title: 'Loss less that of softmax', x, y: { name: 'nats per character' }, series: [{ name: 'softmax', points: found.map(({ V }) => [V, 0]) }, line('sigmoid', (one) => one.over), line('sigmoid, not divided by the sum', (one) => one.rawOver, true)] },
      { title: 'Real words in samples', x, y: { name: 'share', min: 0 }, series: outputs.map((output) => line(output, (one) => one[output].words)) },
    ],
    { columns: 3 },
  ); // biome-ignore format: one line for each panel
}

const experiment: Experiment = async ({ quick, seeds, each }) => {
  const steps = quick ? 3 : 400;
  const texts = { characters: pieces(1), pairs: pieces(2), triples: pieces(3) };
  const settings = Object.entries(texts).flatMap(([name, text]) => outputs.map((output) => [`${name}, ${output}`, { output, text }] as const)); // biome-ignore format: one line
  const run = async ({ output, text }: (typeof settings)[0][1]) =>
    measure(await learn(output, text, steps), text, quick);
  const runs = await each(Object.fromEntries(settings), run, seeds.slice(0, 3));
  const found = Object.entries(texts).map(([name, { vocabulary }]) => {
    const all = (output: Output, what: keyof Measured) => runs[`${name}, ${output}`]!.map((one) => one[what]);
    const of = (output: Output) =>
      Object.fromEntries(measures.map((what) => [what, summary(all(output, what))])) as Found[Output];
    const [over, rawOver] = (['normalised', 'raw'] as const).map((what) => difference(all('sigmoid', what), all('softmax', what))) as [Summary, Summary]; // biome-ignore format: one line
    return { name, V: vocabulary.length, softmax: of('softmax'), sigmoid: of('sigmoid'), over, rawOver };
  });
  const table = found.map(({ name, V, softmax, sigmoid, over }) => ({
    tokens: name,
    V,
    'softmax loss': softmax.normalised.mean,
    'sigmoid loss': sigmoid.normalised.mean,
    difference: over.mean,
    from: over.low,
    to: over.high,
    'sigmoid loss, not divided': sigmoid.raw.mean,
    'sum: 5 % below': sigmoid.low.mean,
    median: sigmoid.median.mean,
    '5 % above': sigmoid.high.mean,
  }));
  return {
    numbers: { steps, of: Object.fromEntries(found.map(({ name, ...rest }) => [name, rest])), table },
    figure: figure(found),
  };
};
export default experiment;
