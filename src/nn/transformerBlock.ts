import { add, gelu } from '../ops/index.ts';
import { checkOptions, type Tensor, withDefaults } from '../tensor/index.ts';
import type { ActivationLike } from './activation.ts';
import { checkOneOf } from './checks.ts';
import { FeedForward } from './feedForward.ts';
import { type Layer, Module } from './module.ts';
import {
  type AttendOptions,
  attentionDefaults,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from './multiHeadAttention.ts';
import { type NormName, normLayer } from './norm.ts';

/** The options of a `TransformerBlock`: those of its attention, and more. */
export interface TransformerBlockOptions extends MultiHeadAttentionOptions {
  /**
   * Position of the norms. 'pre' (GPT-2; default): norm inside the branch · 'post' (the first Transformer,
   * BERT): norm after the addition
   */
  readonly norm?: 'pre' | 'post';
  /** Kind of both norms. Default 'layerNorm'. */
  readonly normLayer?: NormName;
  /** ε of both norms. Default 1e-5 (layer norm) or 1e-6 (RMS norm). */
  readonly eps?: number;
  /** Hidden width F of the feed-forward network. Default 4·width. */
  readonly hidden?: number;
  /** Activation of the feed-forward network. Default gelu (exact). */
  readonly activation?: ActivationLike;
}

/** The options of a block, of this kind or a decoder's, with their defaults. */
export function blockOptions(where: string, width: number, options: TransformerBlockOptions) {
  checkOptions(where, options, 'heads');
  type All = Required<Omit<TransformerBlockOptions, 'eps'>> & { readonly eps: number | undefined };
  return withDefaults<All>(where, options, {
    ...attentionDefaults(options),
    norm: 'pre',
    normLayer: 'layerNorm',
    eps: undefined, // each norm has its own
    hidden: 4 * width,
    activation: gelu,
  });
}

/**
 * Attention and a feed-forward network, each with a residual connection and a norm.
 *
 *   pre    x ← x + attention(norm₁(x));  x ← x + feedForward(norm₂(x))
 *   post   x ← norm₁(x + attention(x));  x ← norm₂(x + feedForward(x))
 *
 * Shapes: (B, T, C) → (B, T, C). Post: Vaswani et al., arXiv:1706.03762. Pre: Xiong et al., arXiv:2002.04745
 */
export class TransformerBlock extends Module {
  readonly norm1: Layer;
  readonly attention: MultiHeadAttention;
  readonly norm2: Layer;
  readonly feedForward: FeedForward;
  readonly norm: 'pre' | 'post';

  constructor(width: number, options: TransformerBlockOptions) {
    super();
    const all = blockOptions('TransformerBlock', width, options);
    const { norm, normLayer: normName, eps, hidden, activation, ...attention } = all;
    const { bias, dropout, init, outputInit } = attention;
    checkOneOf('TransformerBlock', 'the norm position', norm, ['pre', 'post']);
    this.norm1 = normLayer(normName, width, { eps, bias });
    this.attention = new MultiHeadAttention(width, attention);
    this.norm2 = normLayer(normName, width, { eps, bias });
    this.feedForward = new FeedForward(width, { hidden, activation, bias, dropout, init, outputInit });
    this.norm = norm;
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    if (this.norm === 'pre') {
      const attended = add(x, this.attention.forward(this.norm1.forward(x), options));
      return add(attended, this.feedForward.forward(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(add(x, this.attention.forward(x, options)));
    return this.norm2.forward(add(attended, this.feedForward.forward(attended)));
  }
}
