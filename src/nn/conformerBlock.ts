import { add, mul, silu } from '../ops/index.ts';
import { required, type Tensor, withDefaults } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { ConvolutionModule } from './convolutionModule.ts';
import { FeedForward } from './feedForward.ts';
import { initXavierUniform } from './init.ts';
import { LayerNorm } from './layerNorm.ts';
import { Module } from './module.ts';
import { RelativeAttention } from './relativeAttention.ts';

/** The options of a `ConformerBlock`. */
export interface ConformerBlockOptions {
  /** H, the number of heads. */
  readonly heads: number;
  /** F, the hidden width of both feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Number of positions that the depthwise convolution sees, odd. Default 31. */
  readonly kernel?: number;
  /** Whether the convolutions have biases. Default true. */
  readonly convolutionBias?: boolean;
  /** Dropout probability at the end of each branch, and on attention weights. Default 0. */
  readonly dropout?: number;
}

/**
 * A Conformer block: attention for what is far, convolution for what is near, between two halves of a
 * feed-forward network.
 *
 *   x ← x + ½·feedForward1(norm1(x))
 *   x ← x + attention(norm2(x))
 *   x ← x + convolution(norm3(x))
 *   x ← norm5(x + ½·feedForward2(norm4(x)))
 *
 * Shapes: (B, T, C) → (B, T, C).
 *
 * Gulati et al., "Conformer", arXiv:2005.08100, §2.4; half steps: Lu et al., "Macaron Net", arXiv:1906.02762
 */
export class ConformerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly feedForward1: FeedForward;
  readonly norm2: LayerNorm;
  readonly attention: RelativeAttention;
  readonly norm3: LayerNorm;
  readonly convolution: ConvolutionModule;
  readonly norm4: LayerNorm;
  readonly feedForward2: FeedForward;
  readonly norm5: LayerNorm;

  constructor(width: number, options: ConformerBlockOptions) {
    super();
    const all = withDefaults<Required<ConformerBlockOptions>>('ConformerBlock', options, {
      heads: required,
      hidden: undefined,
      kernel: 31,
      convolutionBias: true,
      dropout: 0,
    });
    const { heads, hidden, kernel, convolutionBias, dropout } = all;
    const feedForward = { hidden, activation: silu, dropout, init: initXavierUniform() };
    this.norm1 = new LayerNorm(width);
    this.feedForward1 = new FeedForward(width, feedForward);
    this.norm2 = new LayerNorm(width);
    this.attention = new RelativeAttention(width, { heads, dropout });
    this.norm3 = new LayerNorm(width);
    this.convolution = new ConvolutionModule(width, { kernel, bias: convolutionBias, dropout });
    this.norm4 = new LayerNorm(width);
    this.feedForward2 = new FeedForward(width, feedForward);
    this.norm5 = new LayerNorm(width);
  }

  /** @param options.keyPaddingMask (B, T): 1 at padding. What comes out there is nobody's. */
  forward(x: Tensor, options: Pick<AttendOptions, 'keyPaddingMask'> = {}): Tensor {
    let h = add(x, mul(this.feedForward1.forward(this.norm1.forward(x)), 0.5));
    h = add(h, this.attention.forward(this.norm2.forward(h), options));
    h = add(h, this.convolution.forward(this.norm3.forward(h), options));
    h = add(h, mul(this.feedForward2.forward(this.norm4.forward(h)), 0.5));
    return this.norm5.forward(h);
  }
}
