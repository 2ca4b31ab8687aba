import type { Init } from '../src/nn/index.ts';
import { FeedForward, LayerNorm, Module, MultiHeadAttention } from '../src/nn/index.ts';
import { add, relu } from '../src/ops/index.ts';
import type { Tensor } from '../src/tensor/index.ts';

/** The options of a `DETRDecoderLayer`. */
export interface DETRDecoderLayerOptions {
  readonly heads: number;
  readonly hidden: number;
  readonly dropout: number;
  readonly init: Init;
}

/** What the objects' places read of the image: features (B, S, C), and where they lie, (S, C). */
export interface Scene {
  readonly features: Tensor;
  readonly positions: Tensor;
}

/**
 * One layer of DETR's decoder: places for objects look at each other, then at the image. All at once: nothing
 * is causal.
 *
 *   x ← norm₁(x + self(q, k = x + queries, v = x))
 *   x ← norm₂(x + cross(q = x + queries, k = features + positions, v = features))
 *   x ← norm₃(x + feedForward(x))
 *
 * Shapes: x (B, N, C), queries (N, C) → (B, N, C). Carion et al., arXiv:2005.12872, appendix A.3
 */
export class DETRDecoderLayer extends Module {
  readonly selfAttention: MultiHeadAttention;
  readonly norm1: LayerNorm;
  readonly crossAttention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly norm3: LayerNorm;

  constructor(width: number, { hidden, ...options }: DETRDecoderLayerOptions) {
    super();
    const { dropout, init } = options;
    this.selfAttention = new MultiHeadAttention(width, options);
    this.norm1 = new LayerNorm(width);
    this.crossAttention = new MultiHeadAttention(width, options);
    this.norm2 = new LayerNorm(width);
    this.feedForward = new FeedForward(width, { hidden, activation: relu, dropout, init });
    this.norm3 = new LayerNorm(width);
  }

  forward(x: Tensor, queries: Tensor, scene: Scene): Tensor {
    const agreed = this.#attendToEachOther(x, queries);
    const seen = this.crossAttention.forward(agreed, reading(queries, scene));
    const informed = this.norm2.forward(add(agreed, seen));
    return this.norm3.forward(add(informed, this.feedForward.forward(informed)));
  }

  /** The weights by which each place attends to the features, (B, H, N, S); rows sum to 1. */
  crossWeights(x: Tensor, queries: Tensor, scene: Scene): Tensor {
    return this.crossAttention.weights(this.#attendToEachOther(x, queries), reading(queries, scene));
  }

  #attendToEachOther(x: Tensor, queries: Tensor): Tensor {
    const places = { queryPositions: queries, keyPositions: queries };
    return this.norm1.forward(add(x, this.selfAttention.forward(x, places)));
  }
}

const reading = (queries: Tensor, { features, positions }: Scene) => ({
  memory: features,
  queryPositions: queries,
  keyPositions: positions,
});
