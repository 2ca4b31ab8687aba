import { checkLayers, checkLike, checkOneOf, checkSize, checkTokens } from '../src/nn/checks.ts';
import {
  type ActivationFunction,
  Dropout,
  Embedding,
  initSinusoidal,
  initTruncatedNormal,
  initZeros,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  TransformerBlock,
  type TransformerBlockOptions,
} from '../src/nn/index.ts';
import { add, geluTanh, select, tanh } from '../src/ops/index.ts';
import { arange, required, Tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of `BERT` and of its encoder. */
export interface BERTOptions {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** T, the most positions that the model sees at once. */
  readonly context: number;
  /** Number of kinds of segments. Default 2: the first and the second sentence. */
  readonly segments?: number;
  /** L, the number of blocks. Default 4. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /**
   * Activation of blocks and the head for masked words. Default geluTanh, Google's; `gelu` is the exact one.
   */
  readonly activation?: ActivationFunction;
  /** Dropout probability: embeddings, attention weights, branch outputs. Default 0.1. */
  readonly dropout?: number;
  /** Hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** ε of the layer norms. Default 1e-12. */
  readonly eps?: number;
  /** Standard deviation of the initial weights, a normal distribution cut off at two of it. Default 0.02. */
  readonly initStd?: number;
  /**
   * Standard deviation of the initial token embeddings. Default `initStd`; in a narrow model, a larger one
   * tells words apart sooner.
   */
  readonly tokenStd?: number | undefined;
  /** Start of the learned positions: 'normal', as all weights (default), or 'sinusoidal'. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

/** A batch of sentences, or of pairs, to read. */
export interface BERTInputs {
  /** Tokens, (B, T) int32; position 0 is that of [CLS]. */
  readonly tokens: Tensor;
  /** Segment of each token, (B, T) int32: 0 in the first sentence, 1 in the second. Default: all 0. */
  readonly segments?: Tensor | undefined;
  /** Mask of the padding, (B, T): 1 where `tokens` is padding. Default: nowhere. */
  readonly keyPaddingMask?: Tensor | undefined;
}

/**
 * BERT without its tasks: a bidirectional Transformer encoder, the part that the tasks share and that
 * fine-tuning starts from.
 *
 *   x = dropout(norm(tokens + positions + segments))
 *     → L × block (full attention, feed-forward; norm after each) → hidden
 *   pooled = tanh(W·hidden at position 0 + b)
 *
 * Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", arXiv:1810.04805;
 * google-research/bert, modeling.py
 */
export class BERTEncoder extends Module {
  readonly options: Required<BERTOptions>;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly segments: Embedding;
  readonly norm: LayerNorm;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly pooler: Linear;

  constructor(given: BERTOptions) {
    super();
    const options = withDefaults<Required<BERTOptions>>('BERT', given, {
      vocabSize: required,
      context: required,
      segments: 2,
      layers: 4,
      heads: 4,
      width: 128,
      activation: geluTanh,
      dropout: 0.1,
      hidden: undefined, // the block's, 4·width
      eps: 1e-12,
      initStd: 0.02,
      tokenStd: undefined, // initStd
      positionInit: 'normal',
    });
    const { vocabSize, context, segments, layers, width, initStd, tokenStd, positionInit, ...rest } = options;
    checkSize('BERT', { vocabSize, context, segments, heads: rest.heads, width });
    checkLayers('BERT', layers);
    checkOneOf('BERT', 'positionInit', positionInit, ['normal', 'sinusoidal']);
    const init = initTruncatedNormal(initStd);
    const positionStart = positionInit === 'sinusoidal' ? initSinusoidal(initStd) : init;
    const block: TransformerBlockOptions = { ...rest, normPosition: 'post', init };
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initTruncatedNormal(tokenStd ?? initStd) });
    this.positions = new Embedding(context, width, { init: positionStart });
    this.segments = new Embedding(segments, width, { init });
    this.norm = new LayerNorm(width, { eps: rest.eps });
    this.dropout = new Dropout(rest.dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.pooler = new Linear(width, width, { init, biasInit: initZeros });
  }

  /** Hidden states (B, T, C) of all positions, and `pooled` (B, C), made from the first. */
  forward({ tokens, segments, keyPaddingMask }: BERTInputs): { hidden: Tensor; pooled: Tensor } {
    checkTokens('BERT', tokens, this.options.context);
    checkLike('BERT', tokens, { segments, keyPaddingMask });
    let x = add(this.tokens.forward(tokens), this.positions.forward(arange(tokens.shape[1]!)));
    x = add(x, this.segments.forward(segments ?? Tensor.over(new Int32Array(tokens.size), tokens.shape)));
    x = this.norm.forward(x);
    x = this.dropout.forward(x);
    for (const block of this.blocks) x = block.forward(x, { keyPaddingMask });
    const pooled = this.pooler.forward(select(x, 1, 0));
    return { hidden: x, pooled: tanh(pooled) };
  }
}
