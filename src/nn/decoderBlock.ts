import { add } from '../ops/index.ts';
import { check, checkOptions, type Tensor } from '../tensor/index.ts';
import { checkOneOf } from './checks.ts';
import { FeedForward } from './feedForward.ts';
import { type Layer, Module } from './module.ts';
import { type AttendOptions, MultiHeadAttention } from './multiHeadAttention.ts';
import { normLayer } from './norm.ts';
import { blockOptions, type TransformerBlockOptions } from './transformerBlock.ts';

/**
 * The options of `TransformerBlock`, with its defaults, but without `causal`: the self-attention always is.
 * `positions` are those of the self-attention.
 */
export type DecoderBlockOptions = Omit<TransformerBlockOptions, 'causal'>;

/** The sequence that a decoder reads besides its own text: `memory` is (B, S, C), its mask (B, S). */
export type Memory = Required<Pick<AttendOptions, 'memory'>> & Pick<AttendOptions, 'keyPaddingMask'>;

/**
 * One layer of a decoder: causal self-attention, attention to a memory, and a feed-forward network, each with
 * a residual connection and a norm.
 *
 *   pre    x ← x + self(norm₁(x));  x ← x + cross(norm₂(x), memory);  x ← x + feedForward(norm₃(x))
 *   post   x ← norm₁(x + self(x));  x ← norm₂(x + cross(x, memory));  x ← norm₃(x + feedForward(x))
 *
 * Padding at the end of x needs no mask, because no earlier position sees it.
 *
 * Shapes: x (B, T, C), memory (B, S, C) → (B, T, C). Vaswani et al., arXiv:1706.03762, §3.1
 */
export class DecoderBlock extends Module {
  readonly norm1: Layer;
  readonly selfAttention: MultiHeadAttention;
  readonly norm2: Layer;
  readonly crossAttention: MultiHeadAttention;
  readonly norm3: Layer;
  readonly feedForward: FeedForward;
  readonly norm: 'pre' | 'post';

  constructor(width: number, options: DecoderBlockOptions) {
    super();
    checkOptions('DecoderBlock', options, 'heads');
    check(
      !('causal' in options),
      'DecoderBlock',
      'every option is known',
      () => '"causal"',
      () => 'its self-attention always is',
    );
    const all = blockOptions('DecoderBlock', width, options);
    const { norm, normLayer: normName, eps, hidden, activation, positions, ...attention } = all;
    const { bias, dropout, init, outputInit } = attention;
    checkOneOf('DecoderBlock', 'the norm position', norm, ['pre', 'post']);
    this.norm1 = normLayer(normName, width, { eps, bias });
    this.selfAttention = new MultiHeadAttention(width, { ...attention, positions, causal: true });
    this.norm2 = normLayer(normName, width, { eps, bias });
    this.crossAttention = new MultiHeadAttention(width, attention);
    this.norm3 = normLayer(normName, width, { eps, bias });
    this.feedForward = new FeedForward(width, { hidden, activation, bias, dropout, init, outputInit });
    this.norm = norm;
  }

  forward(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    const informed = this.#residual(attended, this.norm2, (h) => this.crossAttention.forward(h, source));
    return this.#residual(informed, this.norm3, (h) => this.feedForward.forward(h));
  }

  /** The weights by which each position attends to those of the memory, (B, H, T, S); rows sum to 1. */
  crossWeights(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    return this.crossAttention.weights(this.norm === 'pre' ? this.norm2.forward(attended) : attended, source);
  }

  #attendToItself(x: Tensor): Tensor {
    return this.#residual(x, this.norm1, (h) => this.selfAttention.forward(h));
  }

  #residual(x: Tensor, norm: Layer, branch: (h: Tensor) => Tensor): Tensor {
    return this.norm === 'pre' ? add(x, branch(norm.forward(x))) : norm.forward(add(x, branch(x)));
  }
}
