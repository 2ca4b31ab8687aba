import { checkImages, checkLayers, checkSize, patchGrid, type Square } from '../src/nn/checks.ts';
import {
  type ActivationFunction,
  Dropout,
  inference,
  initTruncatedNormal,
  initZeros,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  Parameter,
  PatchEmbedding,
  TransformerBlock,
  type TransformerBlockOptions,
} from '../src/nn/index.ts';
import * as ops from '../src/ops/index.ts';
import { full, required, type Tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of a `ViT`. */
export interface ViTOptions {
  /** Height and width of the images; one number for both. */
  readonly imageSize: Square;
  /** Height and width of a patch. */
  readonly patchSize: number;
  /** Number of classes. */
  readonly classes: number;
  /** Channels of the images: 1 grey, 3 colour. Default 3. */
  readonly channels?: number;
  /** L, the number of blocks. Default 4. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /** Hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Activation of the blocks. Default gelu (exact). */
  readonly activation?: ActivationFunction;
  /** Dropout probability: embeddings, attention weights, branch outputs. Default 0. */
  readonly dropout?: number;
  /** Share of each target that is spread over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** ε of the layer norms. Default 1e-12, Hugging Face's; Google's code has 1e-6. */
  readonly eps?: number;
  /** Standard deviation of the initial weights, a normal distribution cut off at two of it. Default 0.02. */
  readonly initStd?: number;
}

/**
 * The Vision Transformer: an image is a sentence of patches, and a class token in front of it reads them all.
 *
 *   x = dropout([class token; patches·W + b] + positions)      one token for each patch, row by row
 *     → L × block (norm before attention and feed-forward network, no mask)
 *   logits = W·norm(x at the class token) + b
 *
 * Shapes: images (B, H, W, C) → logits (B, classes).
 *
 * Dosovitskiy et al., "An Image is Worth 16×16 Words", arXiv:2010.11929
 */
export class ViT extends Module {
  readonly options: Required<ViTOptions>;
  readonly classToken: Parameter;
  readonly positions: Parameter;
  readonly patches: PatchEmbedding;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly norm: LayerNorm;
  readonly head: Linear;
  /** Number of patches down and across. */
  readonly grid: readonly [down: number, across: number];

  constructor(given: ViTOptions) {
    super();
    const options = withDefaults<Required<ViTOptions>>('ViT', given, {
      imageSize: required,
      patchSize: required,
      classes: required,
      channels: 3,
      layers: 4,
      heads: 4,
      width: 128,
      hidden: undefined, // the block's, 4·width
      activation: ops.gelu,
      dropout: 0,
      labelSmoothing: 0,
      eps: 1e-12,
      initStd: 0.02,
    });
    const { imageSize, patchSize, classes, channels, layers, heads, width, initStd } = options;
    this.grid = patchGrid('ViT', imageSize, patchSize);
    checkSize('ViT', { classes, channels, heads, width });
    checkLayers('ViT', layers);
    const init = initTruncatedNormal(initStd);
    const { hidden, activation, dropout, eps } = options;
    const block: TransformerBlockOptions = {
      heads,
      hidden,
      activation,
      dropout,
      eps,
      init,
      normPosition: 'pre',
    };
    const [down, across] = this.grid;
    this.options = options;
    this.classToken = new Parameter(init([1, width]), { role: 'embedding' });
    this.positions = new Parameter(init([1 + down * across, width]), { role: 'embedding' });
    const projection = { init, biasInit: initZeros };
    this.patches = new PatchEmbedding([patchSize, patchSize], channels, width, projection);
    this.dropout = new Dropout(dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.norm = new LayerNorm(width, { eps });
    this.head = new Linear(width, classes, projection);
  }

  /** Logits (B, classes) of images (B, H, W, C). */
  forward(images: Tensor): Tensor {
    let x = this.#embed(images);
    for (const block of this.blocks) x = block.forward(x);
    x = this.norm.forward(ops.select(x, 1, 0)); // of the other tokens nothing is asked
    return this.head.forward(x);
  }

  /** Mean cross entropy (nats) of the classes: (B) int32, or probabilities (B, classes). */
  loss(images: Tensor, targets: Tensor): Tensor {
    const { labelSmoothing } = this.options;
    return ops.crossEntropy(this.forward(images), targets, { labelSmoothing });
  }

  /**
   * Attention rollout: how much of the class token's end comes from each patch, (B, patches down, patches
   * across), if every block mixes tokens half by its attention, averaged over heads, and half not at all.
   *
   *   r = e₀·(A_L + I)/2 ⋯ (A₁ + I)/2        without the share that stays in the class token
   *
   * Abnar & Zuidema, "Quantifying Attention Flow in Transformers", arXiv:2005.00928
   */
  rollout(images: Tensor): Tensor {
    return inference(this, () => {
      let x = this.#embed(images);
      const weights: Tensor[] = [];
      for (const block of this.blocks) {
        weights.push(ops.mean(block.attention.weights(block.norm1.forward(x)), 1));
        x = block.forward(x);
      }
      const [B, T] = x.shape as [number, number];
      const { dtype } = x;
      const [zeros, one] = [full([B, 1, T - 1], 0, { dtype }), full([B, 1, 1], 1, { dtype })];
      let share = ops.concat([one, zeros], 2);
      for (const A of weights.reverse()) share = ops.mul(ops.add(ops.matmul(share, A), share), 0.5);
      return ops.reshape(ops.slice(share, { axis: 2, start: 1 }), [B, ...this.grid]);
    });
  }

  /** Tokens (B, 1 + patches, C): the class token and the patches, each with its place. */
  #embed(images: Tensor): Tensor {
    const { patchSize, channels, width } = this.options;
    checkImages('ViT', images, [...this.grid.map((patches) => patches * patchSize), channels]);
    const patches = this.patches.forward(images);
    const first = ops.broadcastTo(this.classToken, [images.shape[0]!, 1, width]);
    return this.dropout.forward(ops.add(ops.concat([first, patches], 1), this.positions));
  }
}
