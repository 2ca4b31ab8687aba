// DETR: finds coloured shapes in pictures, all at once, as a set of boxes with classes.
//
//     npm run example -- detr [FOLDER]      (your own pictures, PNG or JPEG, and one JSON file with their boxes as COCO
//                                            has it: images, annotations with bbox [x, y, width, height], categories)
//
// It ends with a picture of what it found and where each query looked for it, runs/detr/scenes.svg. DETR is
// slow to learn, because it begins without any idea of place. Three things help, and leave the model as it
// is: each query begins as the position of a point of a grid, keys of the cross attention begin as its
// queries, so that a query looks around its point from the first step; and two more channels of the image
// tell where a pixel is, since positions are in no value (Liu et al., "CoordConv", arXiv:1807.03247).

import { mkdirSync, writeFileSync } from 'node:fs';
import { check, manualSeed, mul, randomStream, sinusoidalGrid, Tensor } from 'scratchformer';
import { scenes, shapeKinds } from 'scratchformer/corpora';
import { ConvBackbone, DETR, type ImageObjects } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { averagePrecision, Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { cocoFolder } from './support/cocoFolder.ts';
import { describe } from './support/describe.ts';
import { detrPicture } from './support/detrPicture.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';
import { shuffled } from './support/shuffled.ts';

const { seed, quick, words } = exampleArguments({ maxWords: 1 });
const [folder] = words;
const steps = quick ? 8 : 5000;
manualSeed(seed);

/** A square picture and what is on it. */
interface Example extends ImageObjects {
  readonly pixels: Float32Array;
}

// The data: a picture is 8 by 8 features in the end, after two halvings of 32 pixels or three of 64.

const size = folder ? 64 : 32;
const own = folder ? await cocoFolder(folder, size) : null;
const names = own?.names ?? shapeKinds;
const mixed = own ? shuffled(own.pictures) : [];
const ownHeldOut = mixed.slice(0, Math.ceil(mixed.length / 5));
const ownTraining = mixed.slice(ownHeldOut.length);
check(!own || mixed.length > 1, 'detr', 'there are at least two pictures', () => `${mixed.length}`);

function take(count: number, source: Iterator<Example, never>): Example[] {
  return Array.from({ length: count }, () => source.next().value);
}
function* again(pictures: readonly Example[]): Generator<Example, never> {
  const random = randomStream('pictures');
  for (;;) yield pictures[Math.floor(random() * pictures.length)]!;
}
const training = own ? again(ownTraining) : scenes({ size, seed: `training ${seed}` });
const heldOut = own ? ownHeldOut : take(quick ? 20 : 1000, scenes({ size, seed: 'held out' }));

/** Images (B, size, size, 5): red, green and blue around 0, and where the pixel is, from −1 to 1. */
function imagesOf(examples: readonly Example[]): Tensor {
  const images = new Float32Array(examples.length * size * size * 5);
  const place = (at: number) => (2 * at + 1) / size - 1;
  let next = 0;
  for (const { pixels } of examples) {
    for (let pixel = 0; pixel < size * size; pixel++) {
      for (let c = 0; c < 3; c++) images[next++] = 4 * (pixels[pixel * 3 + c]! - 0.25);
      images[next++] = place(Math.floor(pixel / size));
      images[next++] = place(pixel % size);
    }
  }
  return Tensor.over(images, [examples.length, size, size, 5]);
}

// The model: two and a half queries for each object that there can be, as points of a grid.

const most = Math.max(
  ...heldOut.map(({ classes }) => classes.length),
  own ? 0 : 6,
  ...ownTraining.map(({ classes }) => classes.length),
);
const rows = Math.ceil(Math.sqrt(2.5 * most));
const columns = Math.ceil((2.5 * most) / rows);
const width = 64;
const positions = { temperature: 20, scale: 4 * Math.PI }; // the fastest sine turns once in four features
const model = new DETR({
  classes: names.length,
  backbone: new ConvBackbone(5, own ? [16, 32, 64] : [16, 64]),
  queries: rows * columns,
  encoderLayers: 2,
  decoderLayers: 2,
  width,
  heads: 4,
  hidden: 128,
  dropout: 0,
  positions,
  queryInit: () => mul(sinusoidalGrid([rows, columns], width, positions), 3), // so large that a query looks sharply
});
for (const { crossAttention } of model.decoder)
  crossAttention.key.loadStateDict(crossAttention.query.stateDict());
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 1e-4 }), { lr: 1e-3 });
const schedule = warmupCosine({ peak: 1e-3, floor: 1e-5, warmup: Math.min(200, steps / 2), steps });
const nextBatch = () => take(16, training);
const loss = (examples: readonly Example[]) => model.loss(imagesOf(examples), examples);
const units = (examples: readonly Example[]) => examples.length;
await new Trainer({
  model,
  optimizer,
  schedule,
  nextBatch,
  loss,
  units,
  steps,
  clip: 0.1,
  hooks: [progress(steps)],
}).run();

const found = [];
for (let i = 0; i < heldOut.length; i += 100)
  found.push(...model.detect(imagesOf(heldOut.slice(i, i + 100))));

const shown = heldOut.slice(0, 4);
mkdirSync('runs/detr', { recursive: true });
writeFileSync('runs/detr/scenes.svg', detrPicture(model, imagesOf(shown), shown, names));

const value = averagePrecision(found, heldOut);
printScore('detr', {
  metric: 'averagePrecision',
  value,
  target: own ? undefined : 0.85,
  chance: 0,
  best: 1,
  quick,
});

/* prints
model: DETR with … parameters; activation relu; norm post, BatchNorm, LayerNorm
step …
score: detr averagePrecision=0.9593 target=0.8500 chance=0.0000 best=1.0000
*/
