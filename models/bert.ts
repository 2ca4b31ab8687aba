import { checkLayers, checkOneOf, checkSize, checkTokens } from '../src/nn/checks.ts';
import {
  Activation,
  type ActivationFunction,
  Dropout,
  Embedding,
  type Init,
  initSinusoidal,
  initTruncatedNormal,
  initZeros,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  Parameter,
  TransformerBlock,
} from '../src/nn/index.ts';
import { add, crossEntropy, embedding, geluTanh, linear, reshape, select, tanh } from '../src/ops/index.ts';
import { arange, check, checkOptions, sameShape, show, Tensor, withDefaults } from '../src/tensor/index.ts';

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
  /** Standard deviation of the initial weights, a normal distribution cut off at two of it. Default 0.02. */
  readonly initStd?: number;
  /**
   * Standard deviation of the initial token embeddings. Default `initStd`; in a narrow model, a larger one
   * tells words apart sooner.
   */
  readonly tokenStd?: number;
  /** Start of the learned positions: 'normal', as all weights (default), or 'sinusoidal'. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

/** A batch of sentences, or of pairs, to read. */
export interface BERTInputs {
  /** Tokens, (B, T) int32; position 0 is that of [CLS]. */
  readonly tokens: Tensor;
  /** Segment of each token, (B, T) int32: 0 in the first sentence, 1 in the second. Default: all 0. */
  readonly segments?: Tensor;
  /** Mask of the padding, (B, T): 1 where `tokens` is padding. Default: nowhere. */
  readonly keyPaddingMask?: Tensor;
}

/** The answers to the two tasks, for a batch. */
export interface BERTTargets {
  /**
   * Target of each position, (B, T) int32: the token that was there, −100 where nothing is to be predicted.
   * Default: only `isNext` is to be learned.
   */
  readonly tokens?: Tensor;
  /**
   * Order of each pair, (B) int32: 1 where the second sentence follows the first. (Google's code has it the
   * other way round: 0 is next.)
   */
  readonly isNext: Tensor;
}

/** BERT without its tasks: the part that they share, and that fine-tuning starts from. */
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
    checkOptions('BERT', given, 'vocabSize');
    const options = withDefaults<Required<BERTOptions>>('BERT', given, {
      vocabSize: given.vocabSize,
      context: given.context,
      segments: 2,
      layers: 4,
      heads: 4,
      width: 128,
      activation: geluTanh,
      dropout: 0.1,
      initStd: 0.02,
      tokenStd: given.initStd ?? 0.02,
      positionInit: 'normal',
    });
    const { vocabSize, context, segments, layers, heads, width, initStd, positionInit, ...rest } = options;
    checkSize('BERT', { vocabSize, context, segments, heads, width });
    checkLayers('BERT', layers);
    checkOneOf('BERT', 'positionInit', positionInit, ['normal', 'sinusoidal']);
    const init = initTruncatedNormal(initStd);
    const block = {
      norm: 'post',
      heads,
      activation: rest.activation,
      dropout: rest.dropout,
      init,
      eps,
    } as const;
    const positionsInit = positionInit === 'sinusoidal' ? initSinusoidal(initStd) : init;
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initTruncatedNormal(rest.tokenStd) });
    this.positions = new Embedding(context, width, { init: positionsInit });
    this.segments = new Embedding(segments, width, { init });
    this.norm = new LayerNorm(width, { eps });
    this.dropout = new Dropout(rest.dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.pooler = new Linear(width, width, { init, biasInit: initZeros });
  }

  /** Hidden states (B, T, C) of all positions, and `pooled` (B, C), made from the first. */
  forward({ tokens, segments, keyPaddingMask }: BERTInputs): { hidden: Tensor; pooled: Tensor } {
    checkTokens('BERT', tokens, this.options.context);
    checkLike(tokens, { segments, keyPaddingMask });
    let x = add(this.tokens.forward(tokens), this.positions.forward(arange(tokens.shape[1]!)));
    x = add(x, this.segments.forward(segments ?? Tensor.over(new Int32Array(tokens.size), tokens.shape)));
    x = this.dropout.forward(this.norm.forward(x));
    for (const block of this.blocks) x = block.forward(x, keyPaddingMask ? { keyPaddingMask } : {});
    return { hidden: x, pooled: tanh(this.pooler.forward(select(x, 1, 0))) };
  }
}

/**
 * The head for masked words: Linear, activation, norm, then scores by token embeddings and a bias for each.
 */
export class MaskedHead extends Module {
  readonly transform: Linear;
  readonly activation: Activation;
  readonly norm: LayerNorm;
  readonly bias: Parameter;

  constructor(
    width: number,
    vocabSize: number,
    { init, activation }: { init: Init; activation: ActivationFunction },
  ) {
    super();
    this.activation = new Activation(activation);
    this.transform = new Linear(width, this.activation.gated ? 2 * width : width, {
      init,
      biasInit: initZeros,
    });
    this.norm = new LayerNorm(width, { eps });
    this.bias = new Parameter(initZeros([vocabSize]), { role: 'bias' });
  }

  /** Scores (N, V), from hidden states (N, C) and the token embeddings (V, C). */
  forward(x: Tensor, tokens: Tensor): Tensor {
    return linear(this.norm.forward(this.activation.forward(this.transform.forward(x))), tokens, this.bias);
  }
}

/**
 * BERT: a bidirectional Transformer encoder, and the two tasks it is pre-trained on.
 *
 *   x = dropout(norm(tokens + positions + segments))
 *     → L × block (full attention, feed-forward; norm after each) → hidden
 *   pooled = tanh(W·hidden at position 0 + b)
 *   masked words    norm(gelu(W·hidden + b))·tokensᵀ + bias        at the positions to be predicted
 *   next sentence   W·pooled + b
 *
 * Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", arXiv:1810.04805;
 * google-research/bert, modeling.py
 */
export class BERT extends Module {
  readonly encoder: BERTEncoder;
  readonly maskedHead: MaskedHead;
  readonly nextSentence: Linear;

  constructor(given: BERTOptions) {
    super();
    this.encoder = new BERTEncoder(given);
    const { width, vocabSize, initStd, activation } = this.encoder.options;
    const init = initTruncatedNormal(initStd);
    this.maskedHead = new MaskedHead(width, vocabSize, { init, activation });
    this.nextSentence = new Linear(width, 2, { init, biasInit: initZeros });
  }

  /**
   * Scores (N, V) of the words at N positions only, counted through the whole batch (b·T + t), and scores
   * (B, 2) of "the second sentence does not follow" and "it follows".
   */
  forward(inputs: BERTInputs, positions: Tensor): { words: Tensor; isNext: Tensor } {
    const { hidden, pooled } = this.encoder.forward(inputs);
    return { words: this.#words(hidden, positions), isNext: this.nextSentence.forward(pooled) };
  }

  /**
   * Mean cross entropy (nats) of the words to be predicted, plus that of whether the second sentence follows.
   */
  loss(inputs: BERTInputs, { tokens, isNext }: BERTTargets): Tensor {
    checkLike(inputs.tokens, { targets: tokens });
    const asked = tokens && predicted(tokens);
    const { hidden, pooled } = this.encoder.forward(inputs);
    const follows = crossEntropy(this.nextSentence.forward(pooled), isNext);
    return asked ? add(crossEntropy(this.#words(hidden, asked.positions), asked.words), follows) : follows;
  }

  /** Scores (N, V) of the words at N positions, from hidden states (B, T, C). */
  #words(hidden: Tensor, positions: Tensor): Tensor {
    const { width } = this.encoder.options;
    // The hidden states as a table, of which some rows count.
    const rows = embedding(reshape(hidden, [hidden.size / width, width]), positions);
    return this.maskedHead.forward(rows, this.encoder.tokens.weight);
  }
}

/** Checks that per-token inputs have the tokens' shape. */
function checkLike(tokens: Tensor, given: Record<string, Tensor | undefined>): void {
  for (const [name, value] of Object.entries(given)) {
    check(
      value === undefined || sameShape(value.shape, tokens.shape),
      'BERT',
      `${name} have the shape of the tokens, ${show(tokens.shape)}`,
      () => show(value!.shape),
    );
  }
}

/** The positions of targets other than −100, counted through the batch, and these targets: both (N) int32. */
export function predicted(targets: Tensor): { positions: Tensor; words: Tensor } {
  const all = targets.toTypedArray();
  const positions = Int32Array.from(all.keys()).filter((i) => all[i] !== -100);
  check(
    positions.length > 0,
    'BERT',
    'at least one token is to be predicted',
    () => `targets ${show(targets.shape)}, all −100`,
  );
  return {
    positions: Tensor.over(positions, [positions.length]),
    words: Tensor.over(
      positions.map((i) => all[i]!),
      [positions.length],
    ),
  };
}

/** ε of BERT's layer norms. */
const eps = 1e-12;
