import { add, gelu } from '../ops/index.ts';
import { check, suggest, type Tensor, withDefaults } from '../tensor/index.ts';
import { FeedForward } from './feedForward.ts';
import { initNormal } from './init.ts';
import { LayerNorm } from './layerNorm.ts';
import { Module } from './module.ts';
import { MultiHeadAttention } from './multiHeadAttention.ts';
import type { TransformerBlockOptions } from './transformerBlock.ts';

/** As those of `TransformerBlock`, with the same defaults; the self-attention is always causal. */
export type DecoderBlockOptions = Pick<
  TransformerBlockOptions,
  'heads' | 'norm' | 'hidden' | 'activation' | 'bias' | 'dropout' | 'eps' | 'init' | 'outputInit'
>;

/** What the decoder reads besides its own text. */
export interface Memory {
  /** What the encoder made of the source, (B, S, C). */
  readonly memory: Tensor;
  /** (B, S), 1 where the source is padding. */
  readonly keyPaddingMask?: Tensor;
}

/**
 * One layer of a decoder: causal self-attention, attention to a memory, and a feed-forward network, each with a
 * residual connection and a layer norm.
 *
 *   post   x ← norm₁(x + self(x));  x ← norm₂(x + cross(x, memory));  x ← norm₃(x + feedForward(x))
 *   pre    x ← x + self(norm₁(x));  x ← x + cross(norm₂(x), memory);  x ← x + feedForward(norm₃(x))
 *
 * Padding at the end of x needs no mask: no earlier position sees it.
 *
 * Shapes: x (B, T, C), memory (B, S, C) → (B, T, C). Vaswani et al., arXiv:1706.03762, §3.1
 */
export class DecoderBlock extends Module {
  readonly norm1: LayerNorm;
  readonly selfAttention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly crossAttention: MultiHeadAttention;
  readonly norm3: LayerNorm;
  readonly feedForward: FeedForward;
  readonly norm: 'pre' | 'post';

  constructor(width: number, options: DecoderBlockOptions) {
    super();
    const { init = initNormal(0.02) } = options;
    const given = withDefaults<Required<DecoderBlockOptions>>('DecoderBlock', options, {
      heads: 1,
      norm: 'pre',
      hidden: 4 * width,
      activation: gelu,
      bias: true,
      dropout: 0,
      eps: 1e-5,
      init,
      outputInit: init,
    });
    const { heads, norm, hidden, activation, bias, dropout, eps, outputInit } = given;
    check(
      norm === 'pre' || norm === 'post',
      'DecoderBlock',
      'the norm position is known',
      () => `"${norm}"`,
      () => suggest(norm, ['pre', 'post']),
    );
    const attention = { heads, bias, dropout, init, outputInit };
    this.norm1 = new LayerNorm(width, { eps, bias });
    this.selfAttention = new MultiHeadAttention(width, { ...attention, causal: true });
    this.norm2 = new LayerNorm(width, { eps, bias });
    this.crossAttention = new MultiHeadAttention(width, attention);
    this.norm3 = new LayerNorm(width, { eps, bias });
    this.feedForward = new FeedForward(width, { hidden, activation, bias, dropout, init, outputInit });
    this.norm = norm;
  }

  forward(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    const informed = this.#residual(attended, this.norm2, (q) => this.crossAttention.forward(q, source));
    return this.#residual(informed, this.norm3, (h) => this.feedForward.forward(h));
  }

  /** How much each position attends to each of the memory, (B, H, T, S); rows sum to 1. */
  crossWeights(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    return this.crossAttention.weights(this.norm === 'pre' ? this.norm2.forward(attended) : attended, source);
  }

  #attendToItself(x: Tensor): Tensor {
    return this.#residual(x, this.norm1, (h) => this.selfAttention.forward(h));
  }

  #residual(x: Tensor, norm: LayerNorm, branch: (x: Tensor) => Tensor): Tensor {
    return this.norm === 'pre' ? add(x, branch(norm.forward(x))) : norm.forward(add(x, branch(x)));
  }
}
