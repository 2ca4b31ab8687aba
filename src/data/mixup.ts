import {
  check,
  checkFunctions,
  checkIds,
  checkWhole,
  display,
  type FloatArray,
  heapArray,
  type RandomStream,
  randomBelow,
  randomStream,
  required,
  show,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { type AugmentOptions, checkImageBatch } from './imageBatches.ts';
import type { ImageBatch } from './images.ts';

/** The options of `mixup`. */
export interface MixupOptions extends AugmentOptions {
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
  checkImageBatch('mixup', inputs);
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
    const j = randomBelow(i + 1, random);
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return numbers;
}
