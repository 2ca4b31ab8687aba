import { add } from '../ops/index.ts';
import { type Complete, check, checkOptions, type Tensor } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { blockSettings, type TransformerBlockOptions } from './blockOptions.ts';
import { FeedForward } from './feedForward.ts';
import { type Layer, Module } from './module.ts';
import { MultiHeadAttention } from './multiHeadAttention.ts';

/**
 * The options of `TransformerBlock`, with its defaults, but without `causal`: the self-attention always is;
 * and without `parallel`: the branches follow one another. `positions` and `window` are those of the
 * self-attention.
 */
export type DecoderBlockOptions = Omit<TransformerBlockOptions, 'causal' | 'parallel'>;

/** The sequence that a decoder reads besides its own text: `memory` is (B, S, C), its mask (B, S). */
export type Memory = Complete<Pick<AttendOptions, 'memory'>> & Pick<AttendOptions, 'keyPaddingMask'>;

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
  readonly normPosition: 'pre' | 'post';

  constructor(width: number, options: DecoderBlockOptions) {
    super();
    checkOptions('DecoderBlock', options, 'heads');
    const reasons = { causal: 'its self-attention always is', parallel: 'its branches follow one another' };
    for (const [name, reason] of Object.entries(reasons)) {
      const where = 'DecoderBlock';
      check(!(name in options), where, 'every option is known', () => `"${name}"`, () => reason); // biome-ignore format: one line
    }
    const { normPosition, newNorm, ...inner } = blockSettings('DecoderBlock', width, options);
    this.norm1 = newNorm();
    this.selfAttention = new MultiHeadAttention(width, { ...inner.attention, causal: true });
    this.norm2 = newNorm();
    this.crossAttention = new MultiHeadAttention(width, {
      ...inner.attention,
      positions: 'none',
      window: undefined,
    });
    this.norm3 = newNorm();
    this.feedForward = new FeedForward(width, inner.feedForward);
    this.normPosition = normPosition;
  }

  forward(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    const informed = this.#residual(attended, this.norm2, (h) => this.crossAttention.forward(h, source));
    return this.#residual(informed, this.norm3, (h) => this.feedForward.forward(h));
  }

  /** The weights by which each position attends to those of the memory, (B, H, T, S); rows sum to 1. */
  crossWeights(x: Tensor, source: Memory): Tensor {
    const attended = this.#attendToItself(x);
    return this.crossAttention.weights(
      this.normPosition === 'pre' ? this.norm2.forward(attended) : attended,
      source,
    );
  }

  #attendToItself(x: Tensor): Tensor {
    return this.#residual(x, this.norm1, (h) => this.selfAttention.forward(h));
  }

  #residual(x: Tensor, norm: Layer, branch: (h: Tensor) => Tensor): Tensor {
    return this.normPosition === 'pre' ? add(x, branch(norm.forward(x))) : norm.forward(add(x, branch(x)));
  }
}
