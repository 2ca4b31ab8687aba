import { check, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { type Pair, pairOf } from './internal/convolve.ts';
import { max } from './max.ts';
import { mean } from './mean.ts';
import { pad } from './pad.ts';
import { reshape } from './reshape.ts';
import { unfold } from './unfold.ts';

/** The options of `maxPool2d` and `avgPool2d`. */
export interface Pool2dOptions {
  /** Distance from one window to the next. Default: the size of the window. */
  readonly stride?: Pair | undefined;
  /** Border around the image: −∞ for the maximum, zeros (which count) for the mean. Default 0. */
  readonly padding?: Pair;
}

/**
 * Max pooling: the largest element of each window, channel by channel. Of several largest, the first one gets
 * the gradient, as in PyTorch.
 *
 * Shapes: x (B, H, W, C) → (B, H′, W′, C), H′ = ⌊(H + 2·padding − size)/stride⌋ + 1. For the maximum of whole
 * images take `max(x, [1, 2])`.
 */
export function maxPool2d(x: Tensor, size: Pair, options: Pool2dOptions = {}): Tensor {
  const windows = windowsOf('maxPool2d', x, size, options, Number.NEGATIVE_INFINITY);
  const [B, H, W, , , C] = windows.shape as [number, number, number, number, number, number];
  return max(reshape(windows, [B, H, W, -1, C]), 3);
}

/**
 * Average pooling: the mean of each window, channel by channel.
 *
 * Shapes: as `maxPool2d`. For the mean of whole images (global average pooling) take `mean(x, [1, 2])`.
 */
export function avgPool2d(x: Tensor, size: Pair, options: Pool2dOptions = {}): Tensor {
  return mean(windowsOf('avgPool2d', x, size, options, 0), [3, 4]);
}

function windowsOf(where: string, x: Tensor, size: Pair, options: Pool2dOptions, border: number): Tensor {
  const [kH, kW] = pairOf(where, 'the size', size, 1);
  const settings = withDefaults<Required<Pool2dOptions>>(where, options, { stride: [kH, kW], padding: 0 });
  const [strideH, strideW] = pairOf(where, 'stride', settings.stride!, 1);
  const [top, left] = pairOf(where, 'padding', settings.padding, 0);
  check(x.rank === 4, where, 'x is (B, H, W, C)', () => show(x.shape));
  check(
    2 * top <= kH && 2 * left <= kW,
    where,
    'the padding is at most half of the window: no window lies outside of the image',
    () => `padding ${top}, ${left} and size ${kH}, ${kW}`,
  );
  return unfold(pad(x, [NONE, [top, top], [left, left], NONE], border), [
    { axis: 1, size: kH, stride: strideH, dilation: 1 },
    { axis: 2, size: kW, stride: strideW, dilation: 1 },
  ]);
}

const NONE = [0, 0] as const;
