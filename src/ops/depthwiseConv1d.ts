import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, empty, show, type Tensor } from '../tensor/index.ts';
import { checkSameDtype, checkTensors, floats } from './operands.ts';

/**
 * Depthwise convolution of sequences: every channel is filtered alone, and sequences keep their length.
 *
 *   y[b, t, c] = Σⱼ x[b, t + j − ⌊k/2⌋, c]·w[j, c] + bias[c], with zeros outside
 *   dx[b, t, c] = Σⱼ dy[b, t − j + ⌊k/2⌋, c]·w[j, c]
 *   dw[j, c] = Σ over b, t of dy[b, t, c]·x[b, t + j − ⌊k/2⌋, c],  dbias = Σ dy
 *
 * Shapes: x, y (B, T, C); weight (k, C), k odd; bias (C) or null.
 *
 * As torch.nn.Conv1d with groups = channels and padding 'same', but for the order of axes.
 */
export const depthwiseConv1d = defineOp({
  name: 'depthwiseConv1d',
  forward(x: Tensor, weight: Tensor, bias: Tensor | null = null) {
    checkTensors({ x, weight }, { bias });
    check(
      x.rank === 3 && weight.rank === 2 && weight.shape[1] === x.shape[2] && weight.shape[0]! % 2 === 1,
      'depthwiseConv1d',
      'x is (B, T, C) and the weight (k, C), k odd',
      () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
    );
    const [B, T, C] = x.shape as [number, number, number];
    check(
      bias === null || (bias.rank === 1 && bias.size === C),
      'depthwiseConv1d',
      `the bias has shape (${C})`,
      () => show(bias!.shape),
    );
    checkSameDtype([x, weight, bias]);
    const y = empty(x.shape, x.dtype);
    kernels.depthwiseConv(
      y.memory,
      floats(x),
      floats(weight),
      bias && floats(bias),
      B,
      T,
      C,
      weight.shape[0]!,
    );
    return { output: y, saved: { x, weight } };
  },
  backward(dy, { x, weight }, needs) {
    const [B, T, C] = x.shape as [number, number, number];
    const k = weight.shape[0]!;
    const dx = needs[0] ? empty(x.shape, x.dtype) : null;
    if (dx) kernels.depthwiseConvGrad(dx.memory, floats(dy), floats(weight), B, T, C, k);
    const dWeight = needs[1] ? empty(weight.shape, x.dtype) : null;
    if (dWeight) kernels.depthwiseConvWeightGrad(dWeight.memory, floats(dy), floats(x), B, T, C, k);
    const dBias = needs[2] ? empty([C], x.dtype) : null;
    if (dBias) kernels.sum(dBias.memory, floats(dy), 1, B * T, C);
    return [dx, dWeight, dBias];
  },
});
