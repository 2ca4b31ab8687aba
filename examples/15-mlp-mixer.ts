// MLP-Mixer: the shapes that the Vision Transformer learned, or your own images, without attention.
//
//     npm run example -- mlp-mixer [FOLDER|FILE.csv]      (as in vit: MNIST's files, PNG and JPEG, or CSV)
//
// The picture, runs/mlp-mixer/tokens.svg, shows what the units of the first layer that mixes tokens look at:
// a weight for each patch. Nobody tells the network which patches are neighbours.

import { mkdirSync, writeFileSync } from 'node:fs';
import { manualSeed } from 'scratchformer';
import { MLPMixer } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { imageGrid } from 'scratchformer/report';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { accuracy, augmentedBatches, imageTask, patchFor } from './support/imageTask.ts';
import { pictureOf, signed } from './support/pixels.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick, words } = exampleArguments({ maxWords: 1 });
const [path] = words;
const steps = quick ? 10 : 3000;
manualSeed(seed);

const task = await imageTask(path, { seed, quick });
const [, height, width, channels] = task.train.shape;
const classes = task.train.classes.length;

const model = new MLPMixer({
  imageSize: [height, width],
  patchSize: patchFor(task.train),
  channels,
  classes,
  layers: 3,
  width: 48,
  tokenHidden: 32,
  channelHidden: 96,
});
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.05 }), { betas: [0.9, 0.99] });
const schedule = warmupCosine({ peak: 3e-3, floor: 3e-5, warmup: Math.ceil(steps / 15), steps });
const batches = augmentedBatches(task, 32);
const nextBatch = () => batches.next().value;
const units = ({ targets }: ReturnType<typeof nextBatch>) => targets.shape[0]!;
await new Trainer({ model, optimizer, schedule, nextBatch, units, steps, hooks: [progress(steps)] }).run();

// What each unit of the first token mixing looks at: red where it adds a patch, blue where it subtracts one.
const [down, across] = model.grid;
const weights = model.blocks.at(0)!.tokens.expand.weight.toArray() as number[][];
const maps = weights.map((unit) => {
  const largest = Math.max(...unit.map(Math.abs));
  return pictureOf([down, across], (row, column) => signed(unit[row * across + column]! / largest), 8);
});
const rows = Array.from({ length: Math.ceil(maps.length / 8) }, (_, i) => ({
  label: '',
  images: maps.slice(8 * i, 8 * i + 8),
}));
mkdirSync('runs/mlp-mixer', { recursive: true });
writeFileSync(
  'runs/mlp-mixer/tokens.svg',
  imageGrid({ title: 'What the token mixers of an MLP-Mixer look at', rows, side: 56 }),
);

const value = accuracy(model, task.test);
const target = path === undefined ? 0.97 : undefined;
printScore('mlp-mixer', { metric: 'accuracy', value, target, chance: 1 / classes, best: 1, quick });

/* prints
… images to learn from, … held out: 28×28×1, 10 classes
model: MLPMixer with … parameters; activation geluTanh; norm LayerNorm
step …
score: mlp-mixer accuracy=0.9900 target=0.9700 chance=0.1000 best=1.0000
*/
