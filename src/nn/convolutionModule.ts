import { embedding, equal, expandDims, glu, mul, reshape, silu } from '../ops/index.ts';
import { check, sameShape, show, Tensor, withDefaults } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { BatchNorm } from './batchNorm.ts';
import { checkSize } from './checks.ts';
import { DepthwiseConv1d } from './depthwiseConv1d.ts';
import { Dropout } from './dropout.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';

/** The options of a `ConvolutionModule`. */
export interface ConvolutionModuleOptions {
  /** Number of positions that the depthwise convolution sees, odd. Default 31. */
  readonly kernel?: number;
  /** Whether the three convolutions have biases. Default true. */
  readonly bias?: boolean;
  /** Dropout probability at the end. Default 0. */
  readonly dropout?: number;
}

/**
 * Conformer's convolution module, for what is near: pointwise → GLU → depthwise → BatchNorm → SiLU →
 * pointwise.
 *
 *   y = W₂·silu(batchNorm(depthwise(glu(W₁x))))
 *
 * A pointwise convolution is a linear layer. Padding is set to zero before the depthwise convolution, which
 * sees it exactly as the zeros beyond the end; and the statistics of BatchNorm are those of the real
 * positions alone, so that in training, too, no result depends on how much padding a batch happens to have.
 *
 * Parameters: expand (2C, C), depthwise (k, C), norm, contract (C, C). Shapes: (B, T, C) → (B, T, C).
 *
 * Gulati et al., "Conformer", arXiv:2005.08100, §2.2
 */
export class ConvolutionModule extends Module {
  readonly expand: Linear;
  readonly depthwise: DepthwiseConv1d;
  readonly norm: BatchNorm;
  readonly contract: Linear;
  readonly dropout: Dropout;

  constructor(width: number, options: ConvolutionModuleOptions = {}) {
    super();
    const all = withDefaults<Required<ConvolutionModuleOptions>>('ConvolutionModule', options, {
      kernel: 31,
      bias: true,
      dropout: 0,
    });
    checkSize('ConvolutionModule', { width });
    const { kernel, bias, dropout } = all;
    this.expand = new Linear(width, 2 * width, { bias });
    this.depthwise = new DepthwiseConv1d(width, kernel, { bias });
    this.norm = new BatchNorm(width);
    this.contract = new Linear(width, width, { bias });
    this.dropout = new Dropout(dropout);
  }

  /** @param options.keyPaddingMask (B, T): 1 at padding, whatever x is there */
  forward(x: Tensor, { keyPaddingMask: mask }: Pick<AttendOptions, 'keyPaddingMask'> = {}): Tensor {
    check(
      !mask || sameShape(mask.shape, x.shape.slice(0, 2)),
      'ConvolutionModule',
      `keyPaddingMask has shape (B, T), ${show(x.shape.slice(0, 2))}`,
      () => show(mask!.shape),
    );
    let h = glu(this.expand.forward(x));
    if (mask) h = mul(h, equal(expandDims(mask, 2), 0));
    h = this.depthwise.forward(h);
    h = mask && this.training ? this.#normalizeReal(h, mask) : this.norm.forward(h);
    h = this.contract.forward(silu(h));
    return this.dropout.forward(h);
  }

  /**
   * Normalizes the real positions among themselves. At the others it puts a copy of one, which nothing reads.
   */
  #normalizeReal(x: Tensor, mask: Tensor): Tensor {
    const padded = mask.toTypedArray();
    const real = Int32Array.from(padded.keys()).filter((place) => padded[place] === 0);
    const rowAt = new Int32Array(padded.length);
    for (const [row, place] of real.entries()) rowAt[place] = row;
    const rows = embedding(reshape(x, [padded.length, x.shape[2]!]), Tensor.over(real, [real.length]));
    return reshape(embedding(this.norm.forward(rows), Tensor.over(rowAt, [rowAt.length])), x.shape);
  }
}
