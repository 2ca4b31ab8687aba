import { equal, flatten, maskedFill, mul, relu, reshape } from '../ops/index.ts';
import { check, show, Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Conv2d } from './conv2d.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';

/** Sequences of vectors after a `ConvolutionalSubsampling`, and how many of each are real. */
export interface Subsampled {
  /** The sequences, (B, T′, C). */
  readonly x: Tensor;
  /** Number of real positions of each sequence. */
  readonly frames: readonly number[];
  /** Mask of the others, (B, T′) int32: 1 where x is padding. */
  readonly keyPaddingMask: Tensor;
}

/**
 * Four frames of a spectrogram become one vector: two convolutions over time and frequency, of size 3 and
 * stride 2, each with ReLU, then a linear layer over all that one time has.
 *
 *   (B, T, M) → (B, T/2, M/2, K) → (B, T/4, M/4, K) → (B, T′, C),  T′ = ⌈⌈T/2⌉/2⌉
 *
 * A window at the end of a sequence reaches beyond it. So that it finds zeros there, as at the end of a
 * batch, the padding is zeroed before the first convolution *and again between the two*: the first puts its
 * bias there.
 *
 * Parameters: conv1 (3, 3, 1, K), conv2 (3, 3, K, K), projection (C, ⌈⌈M/2⌉/2⌉·K), all with biases.
 *
 * Gulati et al., "Conformer", arXiv:2005.08100, §2
 */
export class ConvolutionalSubsampling extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly projection: Linear;

  /** @param mels M, the bands of the spectrogram; `channels` K, of the convolutions */
  constructor(mels: number, width: number, channels: number) {
    super();
    checkSize('ConvolutionalSubsampling', { mels, width, channels });
    this.conv1 = new Conv2d(1, channels, 3, { stride: 2, padding: 1 });
    this.conv2 = new Conv2d(channels, channels, 3, { stride: 2, padding: 1 });
    this.projection = new Linear(half(half(mels)) * channels, width);
  }

  /** @param frames the number of real frames of each sequence; what the others hold has no influence */
  forward(features: Tensor, frames: readonly number[]): Subsampled {
    const [B, T] = features.shape as [number, number];
    check(features.rank === 3, 'ConvolutionalSubsampling', 'features are (B, T, M)', () =>
      show(features.shape),
    );
    check(
      frames.length === B && frames.every((count) => Number.isInteger(count) && count >= 1 && count <= T),
      'ConvolutionalSubsampling',
      `frames are ${B} whole numbers from 1 to ${T}`,
      () => `[${frames}]`,
    );
    let [count, mask] = [frames, maskOf(frames, T)];
    let h = maskedFill(reshape(features, [...features.shape, 1]), reshape(mask, [B, T, 1, 1]), 0);
    for (const convolution of [this.conv1, this.conv2]) {
      h = relu(convolution.forward(h));
      count = count.map(half);
      mask = maskOf(count, half(mask.shape[1]!));
      h = mul(h, equal(reshape(mask, [...mask.shape, 1, 1]), 0));
    }
    return { x: this.projection.forward(flatten(h, 2)), frames: count, keyPaddingMask: mask };
  }
}

/** The length that a convolution of size 3, stride 2 and padding 1 leaves. */
const half = (length: number) => Math.ceil(length / 2);

/** The mask (B, T) of the padding behind sequences of these lengths. */
function maskOf(frames: readonly number[], T: number): Tensor {
  const mask = new Int32Array(frames.length * T);
  for (const [b, count] of frames.entries()) mask.fill(1, b * T + count, (b + 1) * T);
  return Tensor.over(mask, [frames.length, T]);
}
