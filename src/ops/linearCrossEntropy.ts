import { defineOp, isRecording } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  check,
  checkWhole,
  empty,
  full,
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
import { slice } from './slice.ts';

/** The options of `linearCrossEntropy`. */
export interface LinearCrossEntropyOptions {
  /** Positions whose logits are in memory at once. Default 128. */
  readonly rows?: number;
  /** Class whose positions count for nothing. Default −100. */
  readonly ignoreIndex?: number;
}

/**
 * Mean cross entropy of the logits x·Wᵀ, which are never all there: a block of rows at a time. For large
 * vocabularies, whose logits (…, V) would take more memory than all else.
 *
 *   loss = crossEntropy(linear(x, W), targets)        dx = d·W,  dW = dᵀ·x,  d = (softmax(x·Wᵀ) − onehot)/count
 *
 * Gradients are computed in the forward pass, where a block of d is at hand, and only scaled in backward. So
 * nothing is computed twice, but memory holds dx and dW from the forward pass on.
 *
 * Shapes: x (…, C), W (V, C), int32 targets (…); result (). Saved: dx and dW, where they are wanted.
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
  const { rows, ignoreIndex } = withDefaults<Required<LinearCrossEntropyOptions>>(where, options, {
    rows: 128,
    ignoreIndex: -100,
  });
  checkWhole(where, { rows }, 1);
  checkTensors({ x, weight, targets }, {}, where);
  check(
    x.rank >= 1 && weight.rank === 2 && x.shape.at(-1) === weight.shape[1],
    where,
    'the last axis of x is as long as the second of the weight (V, C)',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  checkFloat(x, where);
  checkSameDtype([x, weight], where);
  checkClasses(where, [...x.shape.slice(0, -1), weight.shape[0]!], targets, ignoreIndex);
  const flat = reshape(x, [sizeOf(targets.shape), weight.shape[1]!]);
  const learns = { x: isRecording() && x.requiresGrad, weight: isRecording() && weight.requiresGrad };
  return blockwise(flat, weight, reshape(targets, [targets.size]), { rows, ignoreIndex, learns });
}

interface Settings extends Required<LinearCrossEntropyOptions> {
  /** What wants a gradient. */
  readonly learns: { readonly x: boolean; readonly weight: boolean };
}

/** Of x (N, C) and targets (N). */
const blockwise = defineOp({
  name: 'linearCrossEntropy',
  forward(x: Tensor, weight: Tensor, targets: Tensor, { rows, ignoreIndex, learns }: Settings) {
    const [N, C, V] = [x.shape[0]!, ...weight.shape.toReversed()] as [number, number, number];
    const fresh = (...shape: number[]) => empty(shape, x.dtype);
    const size = Math.min(rows, N);
    const [logits, d] = [fresh(size, V), fresh(size, V)];
    const [losses, max, sum] = [fresh(N), fresh(N), fresh(N)];
    const count = targets.toTypedArray().filter((target) => target !== ignoreIndex).length;
    const share = full([size], 1 / count, { dtype: x.dtype });
    const dx = learns.x ? fresh(N, C) : null;
    const dWeight = learns.weight ? zeroed([V, C], x.dtype) : null;
    const options = { ignoreIndex, labelSmoothing: 0, weights: null };
    for (let start = 0; start < N; start += size) {
      const m = Math.min(size, N - start);
      const block = (whole: Tensor, from = start) => slice(whole, { axis: 0, start: from, end: from + m });
      const [xs, classes, z, dz] = [block(x), block(targets), block(logits, 0), block(d, 0)];
      kernels.matmul(z.memory, floats(xs), floats(weight), null, { m, n: V, k: C, transposeB: true });
      kernels.crossEntropy(
        block(losses).memory, block(max).memory, block(sum).memory, z.memory, integers(classes), m, V, options,
      ); // biome-ignore format: outputs, inputs, sizes
      if (!dx && !dWeight) continue;
      kernels.crossEntropyGrad(
        dz.memory, floats(block(share, 0)), z.memory, block(max).memory, block(sum).memory, integers(classes),
        m, V, options,
      ); // biome-ignore format: outputs, inputs, sizes
      if (dx) kernels.matmul(block(dx).memory, dz.memory, floats(weight), null, { m, n: C, k: V });
      const sizes = { m: V, n: C, k: m, transposeA: true, accumulate: true };
      if (dWeight) kernels.matmul(dWeight.memory, dz.memory, floats(xs), null, sizes);
    }
    const output = reduceLosses('linearCrossEntropy', losses, 'mean', count);
    return { output, saved: { dx, dWeight } };
  },
  backward: (dy, { dx, dWeight }) => [dx && mul(dx, dy), dWeight && mul(dWeight, dy), null],
});
