import { check, checkIds, Tensor } from '../tensor/index.ts';

/** Images of one size, each of a class. */
export interface LabelledImages {
  /** Pixels in [0, 1], image by image, row by row, channels last. */
  readonly pixels: Float32Array;
  /** Number of images, height, width, channels: (N, H, W, C). */
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  /** Class of each image. */
  readonly labels: Int32Array;
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/** Images and their classes as tensors: (B, H, W, C) float32 and (B) int32. */
export interface ImageBatch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** The images of the given numbers, in their order. */
export function someImages(images: LabelledImages, which: ArrayLike<number>): LabelledImages {
  const [count, height, width, channels] = images.shape;
  checkIds('someImages', 'numbers of images', which, count);
  check(which.length > 0, 'someImages', 'at least one image is asked for', () => 'none');
  const size = height * width * channels;
  const pixels = new Float32Array(which.length * size);
  for (let i = 0; i < which.length; i++)
    pixels.set(images.pixels.subarray(which[i]! * size, (which[i]! + 1) * size), i * size);
  const labels = Int32Array.from(which, (i) => images.labels[i]!);
  return { pixels, shape: [which.length, height, width, channels], labels, classes: images.classes };
}

/** The images of the given numbers and their classes as tensors. */
export function imageBatch(images: LabelledImages, which: ArrayLike<number>): ImageBatch {
  const { pixels, shape, labels } = someImages(images, which);
  return { inputs: Tensor.over(pixels, shape), targets: Tensor.over(labels, [labels.length]) };
}
