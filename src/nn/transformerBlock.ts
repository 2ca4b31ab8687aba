import { add } from '../ops/index.ts';
import type { Tensor } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { blockSettings, type TransformerBlockOptions } from './blockOptions.ts';
import { FeedForward } from './feedForward.ts';
import { type Layer, Module } from './module.ts';
import { MultiHeadAttention } from './multiHeadAttention.ts';

export type { TransformerBlockOptions } from './blockOptions.ts';

/**
 * Attention and a feed-forward network, each with a residual connection and a norm; in parallel, they share
 * both.
 *
 *   pre        x ← x + attention(norm₁(x));  x ← x + feedForward(norm₂(x))
 *   post       x ← norm₁(x + attention(x));  x ← norm₂(x + feedForward(x))
 *   parallel   x ← x + attention(norm₁(x)) + feedForward(norm₁(x))
 *
 * Shapes: (B, T, C) → (B, T, C). Post: Vaswani et al., arXiv:1706.03762. Pre: Xiong et al., arXiv:2002.04745.
 * Parallel: Wang & Komatsuzaki, "GPT-J-6B", 2021; Chowdhery et al., "PaLM", arXiv:2204.02311, §2
 */
export class TransformerBlock extends Module {
  readonly norm1: Layer;
  readonly attention: MultiHeadAttention;
  /** Norm before the feed-forward network; null in a parallel block, where there is one for both. */
  readonly norm2: Layer | null;
  readonly feedForward: FeedForward;
  readonly normPosition: 'pre' | 'post';

  constructor(width: number, options: TransformerBlockOptions) {
    super();
    const { normPosition, parallel, newNorm, ...inner } = blockSettings('TransformerBlock', width, options);
    this.norm1 = newNorm();
    this.attention = new MultiHeadAttention(width, inner.attention);
    this.norm2 = parallel ? null : newNorm();
    this.feedForward = new FeedForward(width, inner.feedForward);
    this.normPosition = normPosition;
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    if (this.norm2 === null) {
      const read = this.norm1.forward(x);
      return add(add(x, this.attention.forward(read, options)), this.feedForward.forward(read));
    }
    if (this.normPosition === 'pre') {
      const attended = add(x, this.attention.forward(this.norm1.forward(x), options));
      return add(attended, this.feedForward.forward(this.norm2.forward(attended)));
    }
    const attended = this.norm1.forward(add(x, this.attention.forward(x, options)));
    return this.norm2.forward(add(attended, this.feedForward.forward(attended)));
  }
}
