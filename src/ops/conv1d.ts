import { check, checkOptions, show, type Tensor } from '../tensor/index.ts';
import { convolve } from './internal/convolve.ts';
import { checkTensors } from './operands.ts';
import { reshape } from './reshape.ts';

/** The options of `conv1d`. */
export interface Conv1dOptions {
  /** Distance from one window to the next. Default 1. */
  readonly stride?: number;
  /** Zeros before and after the sequence. 'same': as many as keep its length, for stride 1. Default 0. */
  readonly padding?: number | 'same';
  /** Distance between the elements that a window sees. Default 1. */
  readonly dilation?: number;
  /** Number of parts into which channels are divided: each output sees the inputs of its part. Default 1. */
  readonly groups?: number;
}

/**
 * Convolution of sequences: `conv2d` of an image of height 1.
 *
 * Shapes: x (B, T, Cin); weight (k, Cin/groups, Cout); bias (Cout) or null; y (B, T′, Cout).
 */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv1dOptions = {},
): Tensor {
  checkTensors({ x, weight }, { bias }, 'conv1d');
  checkOptions('conv1d', options, 'stride');
  check(
    x.rank === 3 && weight.rank === 3,
    'conv1d',
    'x is (B, T, Cin) and the weight (k, Cin/groups, Cout)',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const image = reshape(x, [x.shape[0]!, 1, ...x.shape.slice(1)]);
  const y = convolve('conv1d', image, reshape(weight, [1, ...weight.shape]), bias, {
    stride: [1, stride],
    padding: padding === 'same' ? padding : [0, padding],
    dilation: [1, dilation],
    groups,
  });
  return reshape(y, [y.shape[0]!, ...y.shape.slice(2)]);
}
