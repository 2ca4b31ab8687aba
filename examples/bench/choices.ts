/**
 * `npm run bench -- --choices`: what a small model gains by another optimizer, norm or activation, in bits per
 * byte. All have the same text, about the same number of parameters, and the same time: what makes a step
 * dearer gets fewer of them. The text is told by a grammar, so the least possible loss is known.
 */
import { type ActivationName, manualSeed } from 'scratchformer';
import { stories } from 'scratchformer/corpora';
import { randomBatch } from 'scratchformer/data';
import { type Backend, useBackend } from 'scratchformer/kernels';
import { GPT } from 'scratchformer/models';
import { AdamW, combine, decayGroups, Muon, splitMatrices, warmupCosine } from 'scratchformer/optimizers';
import { BPETokenizer } from 'scratchformer/tokenizers';
import { bitsPerByte, evaluateLoss, Trainer } from 'scratchformer/train';
import { median, report, rounded } from './measure.ts';

interface Choice {
  readonly name: string;
  readonly optimizer?: 'adamw' | 'muon';
  readonly norm?: 'layerNorm' | 'rmsNorm';
  readonly activation?: ActivationName;
  /** Channels of a gated network, which has three matrices instead of two: ⅔ of 4·width. */
  readonly hidden?: number;
}

const choices: readonly Choice[] = [
  { name: 'AdamW, LayerNorm, GELU' },
  { name: 'Muon instead', optimizer: 'muon' },
  { name: 'RMSNorm instead', norm: 'rmsNorm' },
  { name: 'ReLU² instead', activation: 'squaredRelu' },
  { name: 'SwiGLU instead', activation: 'swiglu', hidden: 171 },
  { name: 'Muon, RMSNorm, ReLU²', optimizer: 'muon', norm: 'rmsNorm', activation: 'squaredRelu' },
];
const [WIDTH, CONTEXT, BATCH, PEAK] = [64, 64, 8, 4e-3];

/** Trains by one choice; returns the model, and milliseconds of the processor for a step. */
async function learn(choice: Choice, train: Int32Array, vocabSize: number, steps: number) {
  const { optimizer = 'adamw', norm = 'layerNorm', activation = 'gelu', hidden = 4 * WIDTH } = choice;
  const size = { vocabSize, context: CONTEXT, layers: 4, heads: 4, width: WIDTH, hidden, initStd: 0.1 };
  const model = new GPT({ ...size, norm, activation });
  const adamW = (of: Pick<GPT, 'namedParameters'>) =>
    new AdamW(decayGroups(of, { weightDecay: 0.1 }), { betas: [0.9, 0.99] });
  const muon = () => {
    const { matrices, rest } = splitMatrices(model);
    return combine(new Muon(matrices.parameters(), { adjustLrFn: 'matchRmsAdamW' }), adamW(rest));
  };
  const times: number[] = [];
  await new Trainer({
    model,
    optimizer: optimizer === 'muon' ? muon() : adamW(model),
    schedule: warmupCosine({ peak: PEAK, floor: PEAK / 50, warmup: Math.ceil(steps / 20), steps }),
    nextBatch: () => randomBatch(train, { batchSize: BATCH, context: CONTEXT }),
    steps,
    hooks: [() => void times.push(process.cpuUsage().user / 1000)],
  }).run();
  const each = times.slice(1).map((time, i) => time - times[i]!);
  return { model, milliseconds: median(each.slice(-30)) };
}

/** Measures all choices; `budget` is the number of steps of the first, whose time they all get. */
export async function benchChoices(backend: Backend, budget: number, json: boolean): Promise<void> {
  useBackend(backend.name, { threads: 1 });
  const { text, entropy } = stories({ stories: 30_000, seed: 'train' });
  const tokenizer = BPETokenizer.train(text.slice(0, 1_000_000), { vocabSize: 512 });
  const { vocabSize } = tokenizer;
  const train = tokenizer.encode(text);
  const held = tokenizer.encode(stories({ stories: 300, seed: 'validation' }).text);
  const costs = choices.map(() => Number.POSITIVE_INFINITY);
  for (
    let round = 0;
    round < 4;
    round++ // in turns; other processes only ever make a step slower
  )
    for (const [i, choice] of choices.entries())
      costs[i] = Math.min(costs[i]!, (await learn(choice, train, vocabSize, 40)).milliseconds);
  const rows = [];
  for (const [i, choice] of choices.entries()) {
    const steps = Math.max(1, Math.round((budget * costs[0]!) / costs[i]!));
    const bits: number[] = [];
    let parameters = 0;
    for (const seed of [1, 2, 3]) {
      manualSeed(seed);
      const { model } = await learn(choice, train, vocabSize, steps);
      parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
      const loss = evaluateLoss(model, held, { context: CONTEXT, stride: CONTEXT / 4, batchSize: 32 });
      bits.push(rounded(bitsPerByte(loss, held, tokenizer), 4));
    }
    rows.push({ name: choice.name, parameters, msPerStep: rounded(costs[i]!), steps, bits });
  }
  const best = rounded(entropy.natsPerCharacter / Math.LN2, 4); // the text is ASCII
  report(json, { backend: backend.name, best, rows }, [
    `one thread of ${backend.name}; the least possible are ${best} bits per byte\n`,
    '| | parameters | ms a step | steps | bits per byte, three seeds | mean |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map(({ name, parameters, msPerStep, steps, bits }) => {
      const mean = bits.reduce((sum, one) => sum + one, 0) / bits.length;
      const cells = [name, parameters.toLocaleString('en-US'), msPerStep, steps, bits.map((one) => one.toFixed(4)).join(' '), mean.toFixed(4)]; // biome-ignore format: one row
      return `| ${cells.join(' | ')} |`;
    }),
  ]);
}
