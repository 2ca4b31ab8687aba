import { add, gelu } from '../ops/index.ts';
import { check, suggest, type Tensor, withDefaults } from '../tensor/index.ts';
import type { ActivationLike } from './activation.ts';
import { FeedForward } from './feedForward.ts';
import { type Init, initNormal } from './init.ts';
import { LayerNorm } from './layerNorm.ts';
import { Module } from './module.ts';
import { type AttendOptions, MultiHeadAttention } from './multiHeadAttention.ts';

export interface TransformerBlockOptions {
  readonly heads: number;
  /** 'pre' (GPT-2; default): norm inside the branch · 'post' (the first Transformer, BERT): norm after the addition */
  readonly norm?: 'pre' | 'post';
  /** Hidden width F of the feed-forward network. Default 4·width. */
  readonly hidden?: number;
  /** Default gelu (exact). */
  readonly activation?: ActivationLike;
  /** Default false. */
  readonly causal?: boolean;
  /** In the projections and the norms. Default true. */
  readonly bias?: boolean;
  /** Default 0. */
  readonly dropout?: number;
  /** Of the layer norms. Default 1e-5. */
  readonly eps?: number;
  /** Of all weights. Default N(0, 0.02²). */
  readonly init?: Init;
  /** Of the two projections that end a residual branch. Default `init`. */
  readonly outputInit?: Init;
}

/**
 * Attention and a feed-forward network, each with a residual connection and a layer norm.
 *
 *   pre    x ← x + attention(norm₁(x));  x ← x + feedForward(norm₂(x))
 *   post   x ← norm₁(x + attention(x));  x ← norm₂(x + feedForward(x))
 *
 * Shapes: (B, T, C) → (B, T, C). Post: Vaswani et al., arXiv:1706.03762. Pre: Xiong et al., arXiv:2002.04745
 */
export class TransformerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly norm: 'pre' | 'post';

  constructor(width: number, options: TransformerBlockOptions) {
    super();
    const { init = initNormal(0.02) } = options;
    const given = withDefaults<Required<TransformerBlockOptions>>('TransformerBlock', options, {
      heads: 1,
      norm: 'pre',
      hidden: 4 * width,
      activation: gelu,
      causal: false,
      bias: true,
      dropout: 0,
      eps: 1e-5,
      init,
      outputInit: init,
    });
    const { heads, norm, hidden, activation, causal, bias, dropout, eps, outputInit } = given;
    check(
      norm === 'pre' || norm === 'post',
      'TransformerBlock',
      'the norm position is known',
      () => `"${norm}"`,
      () => suggest(norm, ['pre', 'post']),
    );
    this.norm1 = new LayerNorm(width, { eps, bias });
    this.attention = new MultiHeadAttention(width, { heads, causal, bias, dropout, init, outputInit });
    this.norm2 = new LayerNorm(width, { eps, bias });
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
