import { defineOp } from '../autograd/index.ts';
import { type CrossEntropyOptions as KernelOptions, kernels } from '../kernels/index.ts';
import { check, empty, type FloatArray, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkClasses } from './internal/checkClasses.ts';
import { type Reduction, reduceLosses } from './internal/reduceLosses.ts';
import { softCrossEntropy } from './internal/softCrossEntropy.ts';
import { checkIndices, checkSameDtype, floats, integers } from './operands.ts';

/** The options of `crossEntropy`. */
export interface CrossEntropyOptions {
  /** Class whose positions count for nothing. Default −100. Probabilities as targets cannot have one. */
  readonly ignoreIndex?: number;
  /** Share ε of each target, in [0, 1], that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** One weight for each class, (V); it gets no gradient. Default null: all ones. */
  readonly weights?: Tensor | null;
  /**
   * The result: the 'mean' of the losses (default), their 'sum', or 'none': each of them. The mean divides by
   * the weights of the targets that are not ignored; of probabilities, by the number of positions.
   */
  readonly reduction?: Reduction;
}

/**
 * Cross entropy between softmax(logits) and target classes, or probabilities of all classes, with PyTorch's
 * semantics. With w = class weights, y = target and −log p = log Σ exp(x) − x, the loss of one position is
 *
 *   (1−ε)·w_y·(−log p_y) + (ε/V)·Σ_c w_c·(−log p_c)        dx = softmax(x) − onehot(y)  for w = 1 and ε = 0
 *
 * and the mean is Σ loss / Σ w_y. If every target is ignored the mean is 0/0: NaN. For probabilities see
 * internal/softCrossEntropy.ts; they get a gradient if they ask for it.
 *
 * Shapes: logits (…, V); int32 targets (…), or float targets (…, V); result () or, for reduction 'none', (…).
 * A class outside [0, V) that is not `ignoreIndex` is an error.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { reduction, weights, ...rest } = withDefaults<Required<CrossEntropyOptions>>(
    'crossEntropy',
    options,
    {
      ignoreIndex: -100,
      labelSmoothing: 0,
      weights: null,
      reduction: 'mean',
    },
  );
  checkOptions(logits, weights, rest.labelSmoothing);
  if (targets.dtype !== 'int32' && targets.rank === logits.rank) {
    check(
      options.ignoreIndex === undefined,
      'crossEntropy',
      'ignoreIndex goes with classes as targets',
      () => `${rest.ignoreIndex} and ${targets.dtype} targets`,
    );
    const losses = softCrossEntropy(logits, targets, { ...rest, weights });
    return reduceLosses('crossEntropy', losses, reduction);
  }
  checkClasses('crossEntropy', logits.shape, targets, rest.ignoreIndex);
  const w = weights === null ? null : (weights.toTypedArray() as FloatArray);
  const losses = lossPerPosition(logits, targets, { ...rest, weights: w });
  let weight = 0;
  for (const target of checkIndices(targets, 'crossEntropy')) {
    if (target !== rest.ignoreIndex) weight += w === null ? 1 : w[target]!;
  }
  return reduceLosses('crossEntropy', losses, reduction, weight);
}

/**
 * Saved: logits, targets, and maximum and Σ exp(logits − max), from which backward computes the probabilities
 * again.
 */
const lossPerPosition = defineOp({
  name: 'crossEntropy',
  forward(logits: Tensor, targets: Tensor, options: KernelOptions) {
    const output = empty(targets.shape, logits.dtype);
    const [max, sum] = [empty(targets.shape, logits.dtype), empty(targets.shape, logits.dtype)];
    kernels.crossEntropy(
      output.memory, max.memory, sum.memory, floats(logits), integers(targets),
      targets.size, logits.shape.at(-1)!, options,
    ); // biome-ignore format: outputs, inputs, sizes
    return { output, saved: { logits, targets, max, sum, options } };
  },
  backward(dy, { logits, targets, max, sum, options }) {
    const dx = empty(logits.shape, logits.dtype);
    kernels.crossEntropyGrad(
      dx.memory, floats(dy), floats(logits), max.memory, sum.memory, integers(targets),
      targets.size, logits.shape.at(-1)!, options,
    ); // biome-ignore format: outputs, inputs, sizes
    return [dx, null];
  },
});

function checkOptions(logits: Tensor, weights: Tensor | null, labelSmoothing: number): void {
  check(logits.rank >= 1, 'crossEntropy', 'logits are (…, V)', () => show(logits.shape));
  const V = logits.shape.at(-1)!;
  checkSameDtype([logits, weights], 'crossEntropy');
  check(
    weights === null || (weights.rank === 1 && weights.size === V),
    'crossEntropy',
    `there is one weight for each of the ${V} classes`,
    () => show(weights!.shape),
  );
  check(
    labelSmoothing >= 0 && labelSmoothing <= 1,
    'crossEntropy',
    'labelSmoothing lies in [0, 1]',
    () => `${labelSmoothing}`,
  );
}
