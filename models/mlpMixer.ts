import { checkImages, checkLayers, checkSize, patchGrid, type Square } from '../src/nn/checks.ts';
import {
  type ActivationFunction,
  FeedForward,
  initKaimingNormal,
  initZeros,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  PatchEmbedding,
} from '../src/nn/index.ts';
import { add, crossEntropy, geluTanh, mean, transpose } from '../src/ops/index.ts';
import { type Complete, required, type Tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of an `MLPMixer`. */
export interface MLPMixerOptions {
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
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /** Hidden width of the networks that mix tokens. Default width/2, whatever the number of tokens. */
  readonly tokenHidden?: number | undefined;
  /** Hidden width of the networks that mix channels. Default 4·width. */
  readonly channelHidden?: number | undefined;
  /** Activation of both. Default geluTanh, which is what JAX calls gelu. */
  readonly activation?: ActivationFunction;
  /** Share of each target that is spread over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** ε of the layer norms. Default 1e-6. */
  readonly eps?: number;
}

/**
 * A block of the MLP-Mixer: a network mixes the tokens of each channel, another the channels of each token.
 *
 *   x ← x + tokens(norm₁(x)ᵀ)ᵀ        one network for all channels alike: it sees T numbers
 *   x ← x + channels(norm₂(x))
 *
 * Shapes: (B, T, C) → (B, T, C)
 */
export class MixerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly tokens: FeedForward;
  readonly norm2: LayerNorm;
  readonly channels: FeedForward;

  /** @param tokens T, the number of tokens */
  constructor(tokens: number, options: Complete<Omit<MLPMixerOptions, 'labelSmoothing'>>) {
    super();
    const { width, tokenHidden, channelHidden, activation, eps } = options;
    const init = initKaimingNormal(1);
    this.norm1 = new LayerNorm(width, { eps });
    this.tokens = new FeedForward(tokens, { hidden: tokenHidden, activation, init });
    this.norm2 = new LayerNorm(width, { eps });
    this.channels = new FeedForward(width, { hidden: channelHidden, activation, init });
  }

  forward(x: Tensor): Tensor {
    const mixed = this.tokens.forward(transpose(this.norm1.forward(x)));
    const h = add(x, transpose(mixed));
    return add(h, this.channels.forward(this.norm2.forward(h)));
  }
}

/**
 * The MLP-Mixer: what a Vision Transformer does by attention, done by a small network over the tokens.
 *
 *   x = patches·W + b                                     one token for each patch, row by row
 *     → L × block (tokens are mixed, then channels)       no positions: mixing knows tokens by their place
 *   logits = W·(mean of norm(x) over all tokens) + b
 *
 * Shapes: images (B, H, W, C) → logits (B, classes).
 *
 * Tolstikhin et al., "MLP-Mixer: An all-MLP Architecture for Vision", arXiv:2105.01601;
 * google-research/vision_transformer, models_mixer.py. As there: kernels of variance 1/in at the start, and a
 * head of zeros.
 */
export class MLPMixer extends Module {
  readonly options: Complete<MLPMixerOptions>;
  readonly patches: PatchEmbedding;
  readonly blocks: ModuleList<MixerBlock>;
  readonly norm: LayerNorm;
  readonly head: Linear;
  /** Number of patches down and across. */
  readonly grid: readonly [down: number, across: number];

  constructor(given: MLPMixerOptions) {
    super();
    const all = withDefaults<Required<MLPMixerOptions>>('MLPMixer', given, {
      imageSize: required,
      patchSize: required,
      classes: required,
      channels: 3,
      layers: 4,
      width: 128,
      tokenHidden: undefined, // width/2
      channelHidden: undefined, // 4·width
      activation: geluTanh,
      labelSmoothing: 0,
      eps: 1e-6,
    });
    const { imageSize, patchSize, classes, channels, layers, width } = all;
    const { tokenHidden = width / 2, channelHidden = 4 * width } = all;
    this.grid = patchGrid('MLPMixer', imageSize, patchSize);
    checkSize('MLPMixer', { classes, channels, width, tokenHidden, channelHidden });
    checkLayers('MLPMixer', layers);
    const [down, across] = this.grid;
    this.options = { ...all, tokenHidden, channelHidden };
    this.patches = new PatchEmbedding([patchSize, patchSize], channels, width, {
      init: initKaimingNormal(1),
      biasInit: initZeros,
    });
    this.blocks = new ModuleList(
      Array.from({ length: layers }, () => new MixerBlock(down * across, this.options)),
    );
    this.norm = new LayerNorm(width, { eps: all.eps });
    this.head = new Linear(width, classes, { init: initZeros, biasInit: initZeros });
  }

  /** Logits (B, classes) of images (B, H, W, C). */
  forward(images: Tensor): Tensor {
    const { patchSize, channels } = this.options;
    checkImages('MLPMixer', images, [...this.grid.map((patches) => patches * patchSize), channels]);
    let x = this.patches.forward(images);
    for (const block of this.blocks) x = block.forward(x);
    x = this.norm.forward(x);
    return this.head.forward(mean(x, 1));
  }

  /** Mean cross entropy (nats) of the classes: (B) int32, or probabilities (B, classes). */
  loss(images: Tensor, targets: Tensor): Tensor {
    const { labelSmoothing } = this.options;
    return crossEntropy(this.forward(images), targets, { labelSmoothing });
  }
}
