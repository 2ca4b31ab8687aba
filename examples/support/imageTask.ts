/** Images to learn from and to test on, drawn by ourselves or from files, for the image examples. */
import { readdir, stat } from 'node:fs/promises';
import { argmax, check, fail, type Tensor } from 'scratchformer';
import { glyphs } from 'scratchformer/corpora';
import {
  csvImages,
  flip,
  type ImageBatch,
  imageBatch,
  type LabelledImages,
  mixup,
  shift,
  someImages,
} from 'scratchformer/data';
import { inference, type Module } from 'scratchformer/nn';
import { hasIdx, idxImages } from './idxImages.ts';
import { pictureFolder } from './pictureFolder.ts';
import { shuffled } from './shuffled.ts';

/** The most images of your own that are learned from, and the most that are held out. */
const MOST = 5000;

export interface ImageTask {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Mean and standard deviation of the pixels to learn from, by which all pixels were shifted and scaled. */
  readonly mean: number;
  readonly std: number;
  /** Whether an image seen in a mirror is still of its class. */
  readonly mirror: boolean;
}

/** Our own shapes, or else the images of a folder (MNIST's files, or PNG and JPEG) or of a CSV file. */
export async function imageTask(path: string | undefined, { seed = 1, quick = false }): Promise<ImageTask> {
  const count = quick ? 200 : 10_000;
  const task: Split =
    path === undefined
      ? {
          train: glyphs({ count, seed: `learn ${seed}` }),
          test: glyphs({ count: count / 2, seed: `test ${seed}` }),
        }
      : await ownImages(path);
  const [learned, height, width, channels] = task.train.shape;
  const kind = `${height}×${width}×${channels}, ${task.train.classes.length} classes`;
  console.log(`${learned} images to learn from, ${task.test.shape[0]} held out: ${kind}`);
  return { ...standardized(task), mirror: path === undefined };
}

/** Images to learn from and to test on. */
type Split = Pick<ImageTask, 'train' | 'test'>;

async function ownImages(path: string): Promise<Split> {
  const found = await stat(path).catch((error: Error) =>
    fail('images', 'the path leads to images', error.message),
  );
  if (found.isDirectory() && hasIdx(await readdir(path))) {
    const { train, test } = await idxImages(path, 2 * MOST);
    return test ? { train: firstImages(train), test: firstImages(test) } : parted(train);
  }
  if (found.isDirectory()) return parted(await pictureFolder(path));
  check(/\.csv$/i.test(path), 'images', 'a file of images ends in .csv', () => path);
  return parted(await csvImages(path));
}

const firstImages = (images: LabelledImages) => someImages(images, [...images.labels.keys()].slice(0, MOST));

/** Four images of five to learn from and the rest to test on, in random order. */
function parted(images: LabelledImages): Split {
  const [count] = images.shape;
  check(count >= 2, 'images', 'there are at least two images', () => `${count}`);
  const learned = Math.min(MOST, Math.floor(0.8 * count));
  const order = shuffled([...Array(count).keys()]);
  return {
    train: someImages(images, order.slice(0, learned)),
    test: someImages(images, order.slice(learned, learned + MOST)),
  };
}

/** The same images with pixels of mean 0 and standard deviation 1, by the pixels to learn from. */
function standardized({ train, test }: Split): Omit<ImageTask, 'mirror'> {
  const { length } = train.pixels;
  const mean = train.pixels.reduce((sum, pixel) => sum + pixel, 0) / length;
  const std = Math.sqrt(train.pixels.reduce((sum, pixel) => sum + (pixel - mean) ** 2, 0) / length);
  check(std > 0, 'images', 'not all pixels are the same', () => `${mean} everywhere`);
  const scaled = (images: LabelledImages) => ({
    ...images,
    pixels: images.pixels.map((pixel) => (pixel - mean) / std),
  });
  return { train: scaled(train), test: scaled(test), mean, std };
}

/** Images without end: each epoch in another order, shifted, perhaps mirrored, and two by two in one. */
export function* augmentedBatches(
  { train, mirror }: ImageTask,
  batchSize: number,
): Generator<ImageBatch, never> {
  const numbers = [...train.labels.keys()];
  const size = Math.min(batchSize, numbers.length);
  for (;;) {
    const order = shuffled(numbers);
    for (let i = 0; i + size <= order.length; i += size) {
      const { inputs, targets } = imageBatch(train, order.slice(i, i + size));
      const moved = shift(mirror ? flip(inputs) : inputs, { most: 1 });
      yield mixup({ inputs: moved, targets }, { classes: train.classes.length, alpha: 0.1 });
    }
  }
}

/** The share of images whose most probable class is right. */
export function accuracy(
  model: Module & { forward(images: Tensor): Tensor },
  images: LabelledImages,
): number {
  const [count] = images.shape;
  let right = 0;
  for (let from = 0; from < count; from += 250) {
    const numbers = Array.from({ length: Math.min(250, count - from) }, (_, i) => from + i);
    const { inputs, targets } = imageBatch(images, numbers);
    const guessed = inference(model, () => argmax(model.forward(inputs), -1).toTypedArray());
    const expected = targets.toTypedArray();
    right += guessed.filter((label, i) => label === expected[i]).length;
  }
  return right / count;
}

/** The largest patch that leaves at least six of them on the shorter side. */
export function patchFor({ shape: [, height, width] }: LabelledImages): number {
  const least = Math.floor(Math.min(height, width) / 6);
  for (let size = least; size > 0; size--) if (height % size === 0 && width % size === 0) return size;
  return 1;
}
