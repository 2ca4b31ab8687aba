import type { Tensor } from '../tensor/index.ts';
import { convolve, type Pair } from './internal/convolve.ts';

/** The options of `conv2d`. */
export interface Conv2dOptions {
  /** Distance from one window to the next. Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image. 'same': as many as keep height and width, for stride 1. Default 0. */
  readonly padding?: Pair | 'same';
  /** Distance between the elements that a window sees. Default 1. */
  readonly dilation?: Pair;
  /** Number of parts into which channels are divided: each output sees the inputs of its part. Default 1. */
  readonly groups?: number;
}

/**
 * Convolution of images (strictly a cross-correlation): every window is multiplied by the same weights.
 *
 *   y[b, h, w, :] = Σᵢ Σⱼ x[b, h·stride + i·dilation − padding, …, :] · weight[i, j] + bias
 *
 * It is two steps: *unfold* the image into its windows, then one matrix product, (B·H′·W′, kH·kW·Cin) by
 * (kH·kW·Cin, Cout). The gradients are those of the two steps.
 *
 * Shapes: x (B, H, W, Cin), channels last; weight (kH, kW, Cin/groups, Cout); bias (Cout) or null; y (B, H′,
 * W′, Cout) with H′ = ⌊(H + 2·padding − (kH − 1)·dilation − 1)/stride⌋ + 1.
 *
 * As torch.nn.functional.conv2d, but for the order of axes.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv2dOptions = {},
): Tensor {
  return convolve('conv2d', x, weight, bias, options);
}
