import { add } from '../ops/index.ts';
import type { Tensor } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { blockSettings, type TransformerBlockOptions } from './blockOptions.ts';
import { FeedForward } from './feedForward.ts';
import { type Layer, Module } from './module.ts';
import { MultiHeadAttention } from './multiHeadAttention.ts';

export type { TransformerBlockOptions } from './blockOptions.ts';

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
  readonly normPosition: 'pre' | 'post';

  constructor(width: number, options: TransformerBlockOptions) {
    super();
    const { normPosition, newNorm, ...inner } = blockSettings('TransformerBlock', width, options);
    this.norm1 = newNorm();
    this.attention = new MultiHeadAttention(width, inner.attention);
    this.norm2 = newNorm();
    this.feedForward = new FeedForward(width, inner.feedForward);
    this.normPosition = normPosition;
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    if (this.normPosition === 'pre') {
      const attended = add(x, this.attention.forward(this.norm1.forward(x), options));
      return add(attended, this.feedForward.forward(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(add(x, this.attention.forward(x, options)));
    return this.norm2.forward(add(attended, this.feedForward.forward(attended)));
  }
}
