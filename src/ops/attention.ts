import { defineOp, isRecording } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  check,
  type DType,
  empty,
  type Shape,
  sameShape,
  show,
  type Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { add } from './add.ts';
import { type AttentionWeightsOptions, attentionWeights } from './attentionWeights.ts';
import { dropout } from './dropout.ts';
import { checkAttention, paddingBias } from './internal/attentionMasks.ts';
import { checkProbability, drawSeed } from './internal/dropoutSeed.ts';
import { matmul } from './matmul.ts';
import { broadcastView } from './operands.ts';

/** The options of `attention`. */
export interface AttentionOptions extends AttentionWeightsOptions {
  /** Each weight is dropped with this probability, the others are scaled by 1/(1 − p). Default 0. */
  readonly dropout?: number;
}

/**
 * Scaled dot-product attention: every query gathers a mixture of the values, weighted by how well it matches
 * their keys.
 *
 *   y = P·v,  P = dropout(softmax(scale·q·kᵀ + masks))
 *   dv = Pᵀ·dy,  dS = P ⊙ (dy·vᵀ − rowsum(dy⊙y)),  dq = scale·dS·k,  dk = scale·dSᵀ·q    (without dropout)
 *
 * Shapes: q (B, H, T, D), k and v (B, H, S, D), y (B, H, T, D). Any strides will do. In memory y is
 * (B, T, H, D), so that merging the heads into (B, T, H·D) is a reshape without a copy. A query that sees no
 * key gets zeros.
 *
 * One fused kernel keeps of each row of scores the maximum and Σ exp(score − max) instead of P
 * (B·H·T·S numbers); backward computes P again. A `mask` that requires grad needs P and dP in full, so it
 * goes through `attentionWeights`.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.2.1; rows kept by two numbers: Dao et
 * al., "FlashAttention", arXiv:2205.14135
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { dropout: p, ...rest } = withDefaults<Required<AttentionOptions>>('attention', options, {
    causal: false,
    keyPaddingMask: null,
    mask: null,
    dropout: 0,
    scale: 1 / Math.sqrt(q.shape.at(-1) ?? 1),
  });
  checkProbability('attention', p);
  checkAttention('attention', q, k, rest);
  check(
    sameShape(v.shape, k.shape) && v.dtype === k.dtype,
    'attention',
    'k and v have one shape, (B, H, S, D), and one dtype',
    () => `k ${show(k.shape)} ${k.dtype} and v ${show(v.shape)} ${v.dtype}`,
  );
  if (rest.mask?.requiresGrad && isRecording()) {
    const weights = attentionWeights(q, k, rest);
    return matmul(p > 0 ? dropout(weights, p) : weights, v);
  }
  const { causal, scale, mask, keyPaddingMask } = rest;
  return fused(q, k, v, mask, keyPaddingMask, {
    causal,
    scale,
    dropout: p > 0 ? { p, seed: drawSeed() } : null,
  });
}

interface Settings {
  readonly causal: boolean;
  readonly scale: number;
  readonly dropout: { readonly p: number; readonly seed: number } | null;
}

/** Saved: q, k, v, the masks, y, and maximum and sum of each row of scores. */
const fused = defineOp({
  name: 'attention',
  forward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | null,
    keyPaddingMask: Tensor | null,
    settings: Settings,
  ) {
    const padding = keyPaddingMask && paddingBias(keyPaddingMask, k.dtype);
    const bias = mask && padding ? add(mask, padding) : (mask ?? padding);
    const scores = [...q.shape.slice(0, 3), k.shape[2]!];
    const options = { ...settings, mask: bias && broadcastView(bias, scores).memoryView };
    const y = headsOf(q.shape, q.dtype);
    const [max, sum] = [empty(q.shape.slice(0, 3), q.dtype), empty(q.shape.slice(0, 3), q.dtype)];
    kernels.attention(
      y.memoryView, max.memory, sum.memory, q.memoryView, k.memoryView, v.memoryView, options,
    ); // biome-ignore format: outputs, inputs, sizes
    return { output: y, saved: { q, k, v, bias, y, max, sum, options } };
  },
  backward(dy, { q, k, v, y, max, sum, options }) {
    const [dq, dk, dv] = [headsOf(q.shape, q.dtype), headsOf(k.shape, q.dtype), headsOf(v.shape, q.dtype)];
    kernels.attentionGrad(
      dq.memoryView, dk.memoryView, dv.memoryView,
      dy.memoryView, y.memoryView, max.memory, sum.memory, q.memoryView, k.memoryView, v.memoryView,
      options,
    ); // biome-ignore format: outputs, inputs, sizes
    return [dq, dk, dv];
  },
});

/** Uninitialised (B, H, T, D), laid out as (B, T, H, D). */
function headsOf(shape: Shape, dtype: DType): Tensor {
  const [B, H, T, D] = shape as [number, number, number, number];
  return empty([B, T, H, D], dtype).strided([B, H, T, D], [T * H * D, D, H * D, 1]);
}
