// Vision Transformer: tells ten shapes apart, and shows where it looks. Or learns your own images.
//
//     npm run example -- vit [FOLDER|FILE.csv]      (MNIST's files, packed or not; a folder of PNG or JPEG
//                                                    for each class; a CSV file: label and pixels, 0 to 255)
//
// Of your own images, at most 5,000 are learned and as many held out. The picture, runs/vit/attention.svg,
// shows how much of the answer came from each patch, by attention rollout.

import { mkdirSync, writeFileSync } from 'node:fs';
import { manualSeed } from 'scratchformer';
import { imageBatch } from 'scratchformer/data';
import { ViT } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { imageGrid } from 'scratchformer/report';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { accuracy, augmentedBatches, imageTask, patchFor } from './support/imageTask.ts';
import { type Colour, pictureOf } from './support/pixels.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick, words } = exampleArguments({ maxWords: 1 });
const [path] = words;
const steps = quick ? 10 : 4000;
manualSeed(seed);

const task = await imageTask(path, { seed, quick });
const [, height, width, channels] = task.test.shape;
const { classes } = task.test;

// Weights of 0.02 are made for a width of 768; 48 channels need louder ones.
const model = new ViT({
  imageSize: [height, width],
  patchSize: patchFor(task.train),
  channels,
  classes: classes.length,
  layers: 3,
  heads: 4,
  width: 48,
  hidden: 96,
  initStd: 0.08,
});
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.05 }), { betas: [0.9, 0.99] });
const schedule = warmupCosine({ peak: 2e-3, floor: 1e-5, warmup: Math.ceil(steps / 15), steps });
const batches = augmentedBatches(task, 32);
const nextBatch = () => batches.next().value;
const units = ({ targets }: ReturnType<typeof nextBatch>) => targets.shape[0]!;
await new Trainer({ model, optimizer, schedule, nextBatch, units, steps, hooks: [progress(steps)] }).run();

// Where it looks: the first image of each of ten classes, and what each patch had for the class token.
const chosen = classes
  .slice(0, 10)
  .map((_, label) => task.test.labels.indexOf(label))
  .filter((at) => at >= 0);
const { inputs } = imageBatch(task.test, chosen);
const images = inputs.toArray() as number[][][][];
const shares = model.rollout(inputs).toArray() as number[][][];
const plain =
  (image: number[][][]) =>
  (row: number, column: number): Colour => {
    const pixel = image[row]![column]!.map((value) => value * task.std + task.mean);
    return [pixel[0]!, pixel.at(channels > 1 ? 1 : 0)!, pixel.at(-1)!];
  };
/** The image with a glow over it, the brighter the more attention. */
const glowing =
  (image: number[][][], share: number[][]) =>
  (row: number, column: number): Colour => {
    const patch = height / share.length;
    const [least, most] = [Math.min(...share.flat()), Math.max(...share.flat())];
    const glow = (share[Math.floor(row / patch)]![Math.floor(column / patch)]! - least) / (most - least);
    const [red, green, blue] = plain(image)(row, column);
    return [red + (1 - red) * 0.8 * glow, green + (0.6 - green) * 0.8 * glow, blue * (1 - 0.8 * glow)];
  };
const rows = [
  { label: 'image', images: images.map((image) => pictureOf([height, width], plain(image))) },
  {
    label: 'attention',
    images: images.map((image, i) => pictureOf([height, width], glowing(image, shares[i]!))),
  },
];
const title = 'What a Vision Transformer attends to';
mkdirSync('runs/vit', { recursive: true });
writeFileSync(
  'runs/vit/attention.svg',
  imageGrid({ title, rows, columns: chosen.map((at) => classes[task.test.labels[at]!]!) }),
);

const value = accuracy(model, task.test);
const target = path === undefined ? 0.97 : undefined;
printScore('vit', { metric: 'accuracy', value, target, chance: 1 / classes.length, best: 1, quick });

/* prints
… images to learn from, … held out: 28×28×1, 10 classes
model: ViT with … parameters; activation gelu; norm pre, LayerNorm
step …
score: vit accuracy=0.9862 target=0.9700 chance=0.1000 best=1.0000
*/
