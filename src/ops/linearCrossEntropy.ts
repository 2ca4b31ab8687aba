import { defineOp, isRecording } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  check,
  checkWhole,
  empty,
  full,
  sameShape,
  show,
  sizeOf,
  type Tensor,
  withDefaults,
  zeroed,
} from '../tensor/index.ts';
import { checkClasses } from './internal/checkClasses.ts';
import { reduceLosses } from './internal/reduceLosses.ts';
import { mul } from './mul.ts';
import { checkFloat, checkSameDtype, checkTensors, floats, integers } from './operands.ts';
import { reshape } from './reshape.ts';
import { select, slice } from './slice.ts';

/** The options of `linearCrossEntropy`. */
export interface LinearCrossEntropyOptions {
  /** Positions whose logits are in memory at once. Default 128. */
  readonly rows?: number;
  /** Class whose positions count for nothing. Default −100. */
  readonly ignoreIndex?: number;
  /** Share of each target, in [0, 1], that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** What is added to the logits, (V). Default null: nothing. */
  readonly bias?: Tensor | null;
}

/**
 * Mean cross entropy of the logits z = x·Wᵀ + b, which are never all there: a block of rows at a time. For
 * large vocabularies, whose logits (…, V) would take more memory than all else.
 *
 *   loss = crossEntropy(linear(x, W, b), targets)
 *   dx = d·W,  dW = dᵀ·x,  db = Σ d over all rows        d = (softmax(z) − onehot)/count  without smoothing
 *
 * Gradients are computed in the forward pass, where a block of d is at hand, and only scaled in backward. So
 * nothing is computed twice, but memory holds dx and dW from the forward pass on.
 *
 * Shapes: x (…, C), W (V, C), b (V), int32 targets (…); result (). Saved: dx, dW and db, where they are wanted.
 *
 * Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models", arXiv:2411.09009; gradients in the
 * forward pass: Hsu et al., "Liger Kernel", arXiv:2410.10989
 */
export function linearCrossEntropy(
  x: Tensor,
  weight: Tensor,
  targets: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  const where = 'linearCrossEntropy';
  const all = withDefaults<Required<LinearCrossEntropyOptions>>(where, options, {
    rows: 128,
    ignoreIndex: -100,
    labelSmoothing: 0,
    bias: null,
  });
  const { rows, ignoreIndex, labelSmoothing, bias } = all;
  checkWhole(where, { rows }, 1);
  checkTensors({ x, weight, targets }, { bias }, where);
  check(
    x.rank >= 1 && weight.rank === 2 && x.shape.at(-1) === weight.shape[1],
    where,
    'the last axis of x is as long as the second of the weight (V, C)',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  const V = weight.shape[0]!;
  check(bias === null || sameShape(bias.shape, [V]), where, `the bias has shape (${V})`, () => show(bias!.shape)); // biome-ignore format: one line
  const isShare = labelSmoothing >= 0 && labelSmoothing <= 1;
  check(isShare, where, 'labelSmoothing lies in [0, 1]', () => `${labelSmoothing}`);
  checkFloat(x, where);
  checkSameDtype([x, weight, bias], where);
  checkClasses(where, [...x.shape.slice(0, -1), V], targets, ignoreIndex);
  const flat = reshape(x, [sizeOf(targets.shape), weight.shape[1]!]);
  const learns = [x, weight, bias].map((input) => isRecording() && (input?.requiresGrad ?? false));
  const settings = { rows, ignoreIndex, labelSmoothing, learns };
  return blockwise(flat, weight, bias, reshape(targets, [targets.size]), settings);
}

interface Settings {
  readonly rows: number;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
  /** Whether x, the weight and the bias want a gradient. */
  readonly learns: readonly boolean[];
}

/** Of x (N, C) and targets (N). */
const blockwise = defineOp({
  name: 'linearCrossEntropy',
  forward(x: Tensor, weight: Tensor, bias: Tensor | null, targets: Tensor, settings: Settings) {
    const { rows, ignoreIndex, labelSmoothing, learns } = settings;
    const [N, C, V] = [x.shape[0]!, ...weight.shape.toReversed()] as [number, number, number];
    const fresh = (...shape: number[]) => empty(shape, x.dtype);
    const size = Math.min(rows, N);
    const [logits, d] = [fresh(size, V), fresh(size, V)];
    const [losses, max, sum] = [fresh(N), fresh(N), fresh(N)];
    const count = targets.toTypedArray().filter((target) => target !== ignoreIndex).length;
    const share = full([size], 1 / count, { dtype: x.dtype });
    const dx = learns[0] ? fresh(N, C) : null;
    const dWeight = learns[1] ? zeroed([V, C], x.dtype) : null;
    const blocks = Math.ceil(N / rows);
    const dBiases = learns[2] ? fresh(blocks, V) : null; // of each block
    const b = bias && floats(bias);
    const options = { ignoreIndex, labelSmoothing, weights: null };
    for (let i = 0; i < blocks; i++) {
      const start = i * rows;
      const m = Math.min(size, N - start);
      const block = (whole: Tensor, from = start) => slice(whole, { axis: 0, start: from, end: from + m });
      const [xs, classes, z, dz] = [block(x), block(targets), block(logits, 0), block(d, 0)];
      kernels.matmul(z.memory, floats(xs), floats(weight), b, { m, n: V, k: C, transposeB: true });
      kernels.crossEntropy(
        block(losses).memory, block(max).memory, block(sum).memory, z.memory, integers(classes), m, V, options,
      ); // biome-ignore format: outputs, inputs, sizes
      if (!learns.includes(true)) continue;
      kernels.crossEntropyGrad(
        dz.memory, floats(block(share, 0)), z.memory, block(max).memory, block(sum).memory, integers(classes),
        m, V, options,
      ); // biome-ignore format: outputs, inputs, sizes
      if (dx) kernels.matmul(block(dx).memory, dz.memory, floats(weight), null, { m, n: C, k: V });
      const sizes = { m: V, n: C, k: m, transposeA: true, accumulate: true };
      if (dWeight) kernels.matmul(dWeight.memory, dz.memory, floats(xs), null, sizes);
      if (dBiases) kernels.sum(select(dBiases, 0, i).memory, dz.memory, 1, m, V);
    }
    const output = reduceLosses('linearCrossEntropy', losses, 'mean', count);
    const dBias = dBiases && fresh(V);
    if (dBias) kernels.sum(dBias.memory, dBiases.memory, 1, blocks, V);
    return { output, saved: { dx, dWeight, dBias } };
  },
  backward: (dy, { dx, dWeight, dBias }) => [
    dx && mul(dx, dy),
    dWeight && mul(dWeight, dy),
    dBias && mul(dBias, dy),
    null,
  ],
});
