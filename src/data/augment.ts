/** Augmentations of batches of images (B, H, W, C): pure functions, each with a random stream of its own. */
import {
  check,
  checkFinite,
  checkFunctions,
  checkWhole,
  display,
  normalSample,
  randomBelow,
  randomStream,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { type AugmentOptions, checkImageBatch } from './imageBatches.ts';

/** The options of `flip`. */
export interface FlipOptions extends AugmentOptions {
  /** Probability that an image is flipped. Default 0.5. */
  readonly p?: number;
}

/** Mirrors some images (B, H, W, C), left for right, for kinds in which sides have no meaning. */
export function flip(images: Tensor, options: FlipOptions = {}): Tensor {
  const settings = { p: 0.5, random: undefined };
  const { p, random = randomStream('flip') } = withDefaults<Required<FlipOptions>>('flip', options, settings);
  checkFunctions('flip', { random });
  checkShare('flip', { p });
  return moved('flip', images, () =>
    random() < p ? (row, column, width) => [row, width - 1 - column] : null,
  );
}

/** The options of `shift`. */
export interface ShiftOptions extends AugmentOptions {
  /** The most pixels that an image goes to any side. Default 2. */
  readonly most?: number;
}

/** Shifts each image (B, H, W, C) by whole pixels, down or up and to a side; 0 comes in. */
export function shift(images: Tensor, options: ShiftOptions = {}): Tensor {
  const settings = { most: 2, random: undefined };
  const { most, random = randomStream('shift') } = withDefaults<Required<ShiftOptions>>(
    'shift',
    options,
    settings,
  );
  checkFunctions('shift', { random });
  checkWhole('shift', { most });
  const pixels = () => randomBelow(2 * most + 1, random) - most;
  return moved('shift', images, () => {
    const [down, right] = [pixels(), pixels()];
    return (row, column) => [row - down, column - right];
  });
}

/** The options of `addNoise`. */
export interface NoiseOptions extends AugmentOptions {
  /** Standard deviation of the noise. Default 0.05. */
  readonly std?: number;
}

/** Adds normal noise to every pixel. Pixels may leave [0, 1]: cut off there, noise would have a mean. */
export function addNoise(images: Tensor, options: NoiseOptions = {}): Tensor {
  const settings = { std: 0.05, random: undefined };
  const { std, random = randomStream('noise') } = withDefaults<Required<NoiseOptions>>(
    'addNoise',
    options,
    settings,
  );
  checkFunctions('addNoise', { random });
  checkFinite('addNoise', { std }, 0);
  checkImageBatch('addNoise', images);
  const pixels = images.toTypedArray();
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! + std * normalSample(random);
  return Tensor.over(pixels, images.shape);
}

type From = (row: number, column: number, width: number) => readonly [row: number, column: number];

/** Images whose pixels come from elsewhere: `from` tells for each image where, and null that it stays. */
function moved(where: string, images: Tensor, from: () => From | null): Tensor {
  const [B, H, W, C] = checkImageBatch(where, images);
  const source = images.toTypedArray();
  const target = source.slice();
  for (let image = 0; image < B; image++) {
    const origin = from();
    if (!origin) continue;
    for (let row = 0; row < H; row++) {
      for (let column = 0; column < W; column++) {
        const [y, x] = origin(row, column, W);
        const inside = y >= 0 && y < H && x >= 0 && x < W;
        const [to, at] = [((image * H + row) * W + column) * C, ((image * H + y) * W + x) * C];
        for (let c = 0; c < C; c++) target[to + c] = inside ? source[at + c]! : 0;
      }
    }
  }
  return Tensor.over(target, images.shape);
}

function checkShare(where: string, { p }: { readonly p: number }): void {
  check(p >= 0 && p <= 1, where, 'p lies in [0, 1]', () => display(p));
}
