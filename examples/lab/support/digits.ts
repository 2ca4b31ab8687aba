/** A small task for networks without attention: ten classes of drawn digits, like MNIST's but harder. */
import { argmax, flatten, randomStream, type Tensor } from 'scratchformer';
import { glyphs } from 'scratchformer/corpora';
import { imageBatch, type LabelledImages } from 'scratchformer/data';
import { Activation, type ActivationLike, type Init, inference, initKaimingNormal, initZeros, type Layer, Linear, Sequential } from 'scratchformer/nn'; // biome-ignore format: one line
import { randomBelow } from 'scratchformer/tensor';

export interface Digits {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** Digits to learn from and others to test on, with pixels of mean 0 and standard deviation 1; always the same ones. */
export function digits({ count, tests = 2000 }: { readonly count: number; readonly tests?: number }): Digits {
  const train = glyphs({ kind: 'digits', count, seed: 'lab' });
  const { pixels } = train;
  const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
  const std = Math.sqrt(pixels.reduce((sum, pixel) => sum + (pixel - mean) ** 2, 0) / pixels.length);
  const scaled = (images: LabelledImages) => ({
    ...images,
    pixels: images.pixels.map((pixel) => (pixel - mean) / std),
  });
  return {
    train: scaled(train),
    test: scaled(glyphs({ kind: 'digits', count: tests, seed: 'lab, held out' })),
  };
}

export interface Batch {
  /** (B, 784) */
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** Random images, drawn from the stream 'batches'. */
export function randomImages(images: LabelledImages, batchSize: number): Batch {
  const random = randomStream('batches');
  return batchOf(
    images,
    Array.from({ length: batchSize }, () => randomBelow(images.labels.length, random)),
  );
}

/** These images. */
export function batchOf(images: LabelledImages, numbers: readonly number[]): Batch {
  const { inputs, targets } = imageBatch(images, numbers);
  return { inputs: flatten(inputs, 1), targets };
}

export interface MLPOptions {
  readonly activation: ActivationLike;
  /** Hidden layers. */
  readonly depth: number;
  readonly width: number;
  readonly init?: Init;
  readonly biasInit?: Init;
  /** A layer behind each activation, such as a dropout. */
  readonly after?: () => Layer;
}

/** 784 → width → … → width → 10: linear layers with an activation after each but the last. */
export function mlp({
  activation,
  depth,
  width,
  init = initKaimingNormal(),
  biasInit = initZeros,
  after,
}: MLPOptions): Sequential {
  const hidden = Array.from({ length: depth }, (_, i) => [
    new Linear(i === 0 ? 784 : width, width, { init, biasInit }),
    new Activation(activation as never),
    ...(after ? [after()] : []),
  ]);
  return new Sequential(...hidden.flat(), new Linear(width, 10, { init, biasInit: initZeros }));
}

/** The share of images whose most probable class is wrong. */
export function errorRate(model: Layer, images: LabelledImages): number {
  const { inputs, targets } = batchOf(images, [...images.labels.keys()]);
  const guessed = inference(model, () => argmax(model.forward(inputs), -1).toArray()) as number[];
  const right = targets.toArray() as number[];
  return guessed.filter((guess, i) => guess !== right[i]).length / guessed.length;
}
