import {
  check,
  checkFinite,
  checkFunctions,
  checkIds,
  checkWhole,
  display,
  type FloatArray,
  heapArray,
  normalSample,
  type RandomStream,
  randomStream,
  required,
  show,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import type { ImageBatch } from './images.ts';

/** The options that all augmentations have. */
interface Random {
  /** Random numbers in [0, 1). Default: the stream of the augmentation's own name. */
  readonly random?: RandomStream | undefined;
}

/** The options of `flip`. */
export interface FlipOptions extends Random {
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
export interface ShiftOptions extends Random {
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
  const pixels = () => Math.floor(random() * (2 * most + 1)) - most;
  return moved('shift', images, () => {
    const [down, right] = [pixels(), pixels()];
    return (row, column) => [row - down, column - right];
  });
}

/** The options of `addNoise`. */
export interface NoiseOptions extends Random {
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
  checkBatch('addNoise', images);
  const pixels = images.toTypedArray();
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! + std * normalSample(random);
  return Tensor.over(pixels, images.shape);
}

/** The options of `mixup`. */
export interface MixupOptions extends Random {
  /** Number of classes. */
  readonly classes: number;
  /**
   * Shape α of Beta(α, α), in (0, 1]: near 0 an image nearly stays itself, at 1 all shares are alike.
   * Default 0.2.
   */
  readonly alpha?: number;
}

/**
 * Mixes each image with another of its batch, and their classes alike: targets become probabilities, which
 * `crossEntropy` takes.
 *
 *   x = λ·xᵢ + (1 − λ)·xⱼ,   t = λ·onehot(yᵢ) + (1 − λ)·onehot(yⱼ)
 *
 * with one λ ~ Beta(α, α) for the batch, and j a permutation of i.
 *
 * Shapes: inputs (B, H, W, C) and classes (B) int32 → inputs (B, H, W, C) and targets (B, classes).
 *
 * Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv:1710.09412
 */
export function mixup({ inputs, targets }: ImageBatch, options: MixupOptions): ImageBatch {
  const settings = { classes: required, alpha: 0.2, random: undefined };
  const all = withDefaults<Required<MixupOptions>>('mixup', options, settings);
  const { classes, alpha, random = randomStream('mixup') } = all;
  checkFunctions('mixup', { random });
  checkWhole('mixup', { classes }, 1);
  check(alpha > 0 && alpha <= 1, 'mixup', 'alpha lies in (0, 1]', () => display(alpha));
  checkBatch('mixup', inputs);
  const [B] = inputs.shape as [number];
  const labels = targets.toTypedArray();
  const isClasses = targets.dtype === 'int32' && targets.rank === 1 && targets.size === B;
  check(
    isClasses,
    'mixup',
    'targets are one class for each image, int32',
    () => `${targets.dtype} ${show(targets.shape)}`,
  );
  checkIds('mixup', 'classes', labels, classes);
  const share = betaSample(alpha, random);
  const others = shuffledNumbers(B, random);
  const given = inputs.toTypedArray();
  const size = given.length / B;
  const soft = heapArray('mixup', inputs.dtype, [B, classes]) as FloatArray;
  const pixels = given.map((pixel, i) => {
    const other = others[Math.floor(i / size)]!;
    return share * pixel + (1 - share) * given[other * size + (i % size)]!;
  });
  others.forEach((other, i) => {
    soft[i * classes + labels[i]!]! += share;
    soft[i * classes + labels[other]!]! += 1 - share;
  });
  return { inputs: Tensor.over(pixels, inputs.shape), targets: Tensor.over(soft, [B, classes]) };
}

type From = (row: number, column: number, width: number) => readonly [row: number, column: number];

/** Images whose pixels come from elsewhere: `from` tells for each image where, and null that it stays. */
function moved(where: string, images: Tensor, from: () => From | null): Tensor {
  const [B, H, W, C] = checkBatch(where, images);
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

function checkBatch(where: string, images: Tensor): [B: number, H: number, W: number, C: number] {
  check(
    images instanceof Tensor && images.rank === 4 && images.dtype !== 'int32' && images.size > 0,
    where,
    'images are float numbers (B, H, W, C)',
    () => (images instanceof Tensor ? `${images.dtype} ${show(images.shape)}` : display(images)),
  );
  return images.shape as [number, number, number, number];
}

function checkShare(where: string, { p }: { readonly p: number }): void {
  check(p >= 0 && p <= 1, where, 'p lies in [0, 1]', () => display(p));
}

/**
 * Beta(α, α) for α ≤ 1, by Jöhnk's rule: x/(x + y) of x = u^(1/α) and y = v^(1/α), if x + y ≤ 1. In
 * logarithms, since x and y may underflow.
 */
function betaSample(alpha: number, random: RandomStream): number {
  for (;;) {
    const [x, y] = [Math.log(1 - random()) / alpha, Math.log(1 - random()) / alpha];
    if (Math.exp(x) + Math.exp(y) <= 1) return 1 / (1 + Math.exp(y - x));
  }
}

/** The numbers below n in random order. */
function shuffledNumbers(n: number, random: RandomStream): number[] {
  const numbers = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return numbers;
}
