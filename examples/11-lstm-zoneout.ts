// An LSTM on so few stories that it learns them by heart, and zoneout against that: of h, of c, of both.
//
//     npm run example -- lstm-zoneout [--quick] [--seed N]        (two minutes)

import { manualSeed } from 'scratchformer';
import { entropy, stories } from 'scratchformer/corpora';
import { randomBatch } from 'scratchformer/data';
import { LSTMLanguageModel } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { CharTokenizer } from 'scratchformer/tokenizers';
import { evaluateLoss, Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { printScore } from './support/score.ts';

const { seed, quick } = exampleArguments();
const steps = quick ? 40 : 2000;

// 70 stories are 9,000 characters, a tenth as many as the model has parameters, and are read two hundred
// times.
const few = stories({ stories: quick ? 20 : 70, seed: `few ${seed}` }).text;
const fresh = stories({ stories: quick ? 20 : 150, seed: `fresh ${seed}` }).text;
const tokenizer = CharTokenizer.from(stories({ stories: 1000 }).text); // every character that occurs
const [train, validation] = [tokenizer.encode(few), tokenizer.encode(fresh)];
const { vocabSize } = tokenizer;

interface Zoneout {
  /** The probabilities with which elements of h and of c keep their previous value. */
  readonly zoneoutHidden: number;
  readonly zoneoutCell: number;
}

const settings: Record<string, Zoneout> = {
  none: { zoneoutHidden: 0, zoneoutCell: 0 },
  hidden: { zoneoutHidden: 0.1, zoneoutCell: 0 },
  cell: { zoneoutHidden: 0, zoneoutCell: 0.1 },
  'hidden and cell': { zoneoutHidden: 0.1, zoneoutCell: 0.1 },
};

const size = { vocabSize, width: 32, hidden: 128, dropout: 0.1 };
console.log(describe(new LSTMLanguageModel(size)));

/** The same model and batches whatever the zoneout; nats per character, by heart and on fresh stories. */
async function lossesWith(zoneout: Zoneout): Promise<[train: number, validation: number]> {
  manualSeed(seed);
  const model = new LSTMLanguageModel({ ...size, ...zoneout });
  const trainer = new Trainer({
    model,
    optimizer: new AdamW(decayGroups(model, { weightDecay: 0.01 }), { betas: [0.9, 0.99] }),
    schedule: warmupCosine({ peak: 1e-2, floor: 5e-4, warmup: 30, steps }),
    nextBatch: () => randomBatch(train, { batchSize: 16, context: 64 }),
    steps,
  });
  await trainer.run();
  // Longer windows than in training: but for the first 128, each character is read after 128 others, about a
  // story.
  const windows = { context: 256, stride: 128, batchSize: 32 };
  return [evaluateLoss(model, train, windows), evaluateLoss(model, validation, windows)];
}

const row = (...cells: string[]) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(12))).join(''));
const validationLosses: number[] = [];

row('zoneout', 'h', 'c', 'train', 'validation');
for (const [name, zoneout] of Object.entries(settings)) {
  const losses = await lossesWith(zoneout);
  validationLosses.push(losses[1]);
  row(name, `${zoneout.zoneoutHidden}`, `${zoneout.zoneoutCell}`, ...losses.map((loss) => loss.toFixed(4)));
}

const [without, , , value] = validationLosses as [number, number, number, number];
console.log(`zoneout of both gains ${(without - value).toFixed(4)} nats per character on fresh stories`);
if (!quick && value >= without) process.exitCode = 1;
printScore('lstm-zoneout', {
  metric: 'validationLoss',
  value,
  target: 1,
  chance: Math.log(vocabSize),
  best: entropy.natsPerCharacter,
  quick,
});

/* prints
model: LSTMLanguageModel with 90,643 parameters; activation sigmoid, tanh; norm none
zoneout                      h           c       train  validation
none                         0           0…
hidden                     0.1           0…
cell                         0         0.1…
hidden and cell            0.1         0.1…
zoneout of both gains … nats per character on fresh stories
score: lstm-zoneout validationLoss=0.8973 target=1.0000 chance=3.9318 best=0.3238
*/
