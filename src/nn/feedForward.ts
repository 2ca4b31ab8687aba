import { gelu } from '../ops/index.ts';
import { type Tensor, withDefaults } from '../tensor/index.ts';
import { Activation, type ActivationLike, activationLayer } from './activation.ts';
import { checkSize } from './checks.ts';
import { Dropout } from './dropout.ts';
import { type Init, initNormal, initZeros } from './init.ts';
import { Linear } from './linear.ts';
import { type Layer, Module } from './module.ts';

/** The options of a `FeedForward` network. */
export interface FeedForwardOptions {
  /** Hidden width F. Default 4·width. */
  readonly hidden?: number | undefined;
  /**
   * Activation: the function, its name, or a layer. Gated ones (glu, geglu, swiglu) get two projections of
   * width F. Default gelu (exact).
   */
  readonly activation?: ActivationLike | undefined;
  /** Whether both projections have a bias. Default true. */
  readonly bias?: boolean;
  /** Dropout probability after the second projection. Default 0. */
  readonly dropout?: number;
  /** Initial weights of the first projection. Default N(0, 0.02²). */
  readonly init?: Init;
  /** Initial weights of the second projection. Default `init`. */
  readonly outputInit?: Init | undefined;
}

/**
 * The position-wise feed-forward network, y = dropout(W₂·activation(W₁x + b₁) + b₂).
 *
 * Parameters: expand (F, C), or (2F, C) for a gated activation; contract (C, F). Shapes: (…, C) → (…, C).
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.3; gates: Shazeer, arXiv:2002.05202
 */
export class FeedForward extends Module {
  readonly expand: Linear;
  readonly activation: Layer;
  readonly contract: Linear;
  readonly dropout: Dropout;

  constructor(width: number, options: FeedForwardOptions = {}) {
    super();
    const all = withDefaults<Required<FeedForwardOptions>>('FeedForward', options, {
      hidden: undefined,
      activation: undefined,
      bias: true,
      dropout: 0,
      init: initNormal(0.02),
      outputInit: undefined,
    });
    const { hidden = 4 * width, activation = gelu, bias, dropout, init, outputInit = init } = all;
    checkSize('FeedForward', { width, hidden });
    this.activation = activationLayer(activation);
    const gated = this.activation instanceof Activation && this.activation.gated;
    this.expand = new Linear(width, gated ? 2 * hidden : hidden, { bias, init, biasInit: initZeros });
    this.contract = new Linear(hidden, width, { bias, init: outputInit, biasInit: initZeros });
    this.dropout = new Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    let h = this.expand.forward(x);
    h = this.activation.forward(h);
    h = this.contract.forward(h);
    return this.dropout.forward(h);
  }
}
