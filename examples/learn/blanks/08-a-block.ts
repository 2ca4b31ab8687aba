// Lesson 08: a block of a GPT. Fill in the blank.

import { FeedForward, LayerNorm, Module, MultiHeadAttention, type Tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

/** Attention and a feed-forward network, each reading a norm of the stream and adding to it: (B, T, C) → same. */
export class Block extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;

  constructor(width: number, heads: number) {
    super();
    this.norm1 = new LayerNorm(width);
    this.attention = new MultiHeadAttention(width, { heads, causal: true });
    this.norm2 = new LayerNorm(width);
    this.feedForward = new FeedForward(width);
  }

  forward(x: Tensor): Tensor {
    const { norm1, attention, norm2, feedForward } = this; // each is called by its forward(…)
    return blank('x, with what attention and then the network add', x, norm1, attention, norm2, feedForward);
  }
}
