import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { empty, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { add } from './add.ts';
import { causalBias, checkAttention, paddingBias } from './internal/attentionMasks.ts';
import { matmul } from './matmul.ts';
import { mul } from './mul.ts';
import { floats } from './operands.ts';
import { transpose } from './permute.ts';

/** The options of `attentionWeights`, which `attention` has too. */
export interface AttentionWeightsOptions {
  /**
   * Query t sees keys 0 … t + S − T only: with as many keys as queries, none after itself. The last query
   * always sees the last key, as generation with cached keys needs it; PyTorch's `is_causal` aligns the first
   * ones instead. Default false.
   */
  readonly causal?: boolean;
  /** Mask of keys, (B, S), any dtype: keys at which it is not 0 are ignored, as in PyTorch. Default null. */
  readonly keyPaddingMask?: Tensor | null;
  /** Numbers to add to the scores: float, broadcasts to (B, H, T, S); −∞ hides a key. Default null. */
  readonly mask?: Tensor | null;
  /** Factor of the products q·kᵀ. Default 1/√D. */
  readonly scale?: number;
}

/**
 * The weights by which each query mixes the values, in full and differentiable (also in `mask`).
 *
 *   P = softmax(scale·q·kᵀ + masks)
 *
 * Shapes: q (B, H, T, D), k (B, H, S, D), P (B, H, T, S). Rows sum to 1, but those of a query that sees no
 * key are 0. To train, `attention` does the same without ever holding P.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionWeightsOptions = {}): Tensor {
  const where = 'attentionWeights';
  const { causal, keyPaddingMask, mask, scale } = withDefaults<Required<AttentionWeightsOptions>>(
    where,
    options,
    {
      causal: false,
      keyPaddingMask: null,
      mask: null,
      scale: 1 / Math.sqrt(q.shape.at(-1) ?? 1),
    },
  );
  checkAttention(where, q, k, { mask, keyPaddingMask });
  let scores = mul(matmul(q, transpose(k)), scale);
  if (causal) scores = add(scores, causalBias(q.shape[2]!, k.shape[2]!, q.dtype));
  if (keyPaddingMask) scores = add(scores, paddingBias(keyPaddingMask, q.dtype));
  if (mask) scores = add(scores, mask);
  return softmaxOrZeros(scores);
}

/** Softmax of each row, and zeros where every score is −∞. Saved: y. */
const softmaxOrZeros = defineOp({
  name: 'attentionWeights',
  forward(scores: Tensor) {
    const [rows, S] = [sizeOf(scores.shape.slice(0, -1)), scores.shape.at(-1)!];
    const y = empty(scores.shape, scores.dtype);
    const logSumExp = empty([rows], scores.dtype);
    kernels.softmax(y.memory, floats(scores), rows, S);
    kernels.logSumExp(logSumExp.memory, floats(scores), rows, S);
    logSumExp.data.forEach((total, row) => {
      if (total === Number.NEGATIVE_INFINITY) y.data.fill(0, row * S, (row + 1) * S);
    });
    return { output: y, saved: { y, rows, S } };
  },
  backward(dy, { y, rows, S }) {
    const dx = empty(y.shape, y.dtype);
    kernels.softmaxGrad(dx.memory, floats(dy), y.memory, rows, S);
    return [dx];
  },
});
