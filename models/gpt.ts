import { type GenerateOptions, generateTokens, KeyValueCache, lastScores } from '../src/generation/index.ts';
import { checkLayers, checkOneOf, checkSize, checkTokens } from '../src/nn/checks.ts';
import {
  type ActivationLike,
  Dropout,
  Embedding,
  initNormal,
  initResidual,
  initSinusoidal,
  type Layer,
  Linear,
  Module,
  ModuleList,
  type NormName,
  normLayer,
  SinusoidalPositions,
  TransformerBlock,
} from '../src/nn/index.ts';
import { add, crossEntropy, gelu, linear, mul } from '../src/ops/index.ts';
import {
  arange,
  checkOptions,
  type FloatArray,
  type Tensor,
  tensor,
  withDefaults,
} from '../src/tensor/index.ts';

/** The options of a `GPT`. */
export interface GPTOptions {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** T, the most positions that the model sees at once. */
  readonly context: number;
  /** L, the number of blocks. Default 4. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /** Key and value heads: 1 is multi-query, fewer than `heads` grouped-query attention. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number;
  /** Activation: a function, its name, or a layer: gelu, relu, swiglu, geglu, … Default gelu (exact). */
  readonly activation?: ActivationLike;
  /** Position of the norms. Default 'pre'; 'post' has no final norm. */
  readonly norm?: 'pre' | 'post';
  /** Kind of the norms. Default 'layerNorm'. */
  readonly normLayer?: NormName;
  /** Whether each query and key is normalized. Default false. */
  readonly qkNorm?: boolean;
  /**
   * Kind of positions. 'learned' (default): added to the tokens · 'sinusoidal': added to √width·tokens ·
   * 'rotary', 'alibi': act within attention
   */
  readonly positions?: 'learned' | 'sinusoidal' | 'rotary' | 'alibi';
  /** Whether linear layers and layer norms have a bias. Default false: as good, and a bit faster. */
  readonly bias?: boolean;
  /**
   * Dropout probability (embeddings, attention, branches). Default 0; small models on much data underfit
   * anyway.
   */
  readonly dropout?: number;
  /** Whether the head shares the token embedding's weight. Default true. */
  readonly tiedHead?: boolean;
  /**
   * Standard deviation of the initial weights. Default 0.02, GPT-2's; below a width of 256, 2/√width learns
   * much faster.
   */
  readonly initStd?: number;
  /** Start of learned positions: 'normal' (default, GPT-2's) or 'sinusoidal', which learns to copy sooner. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

/**
 * GPT: a decoder-only Transformer language model, in nanoGPT's architecture and initialization; by option,
 * LLaMA's and other relatives'.
 *
 *   x = tokens + positions → L × block (causal attention, feed-forward; a norm before each)
 *     → norm → head → scores
 *
 *   GPT-2    bias: true, activation: 'geluTanh'                       (all else as it is by default)
 *   LLaMA    positions: 'rotary', normLayer: 'rmsNorm', activation: 'swiglu', tiedHead: false,
 *            hidden: 8/3·width, as a whole number
 *   near     PaLM (its branches are parallel): positions: 'rotary', activation: 'swiglu', keyValueHeads: 1
 *            BLOOM (it has a norm more): positions: 'alibi', bias: true, activation: 'geluTanh'
 *
 * Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019
 */
export class GPT extends Module {
  readonly tokens: Embedding;
  /** Vectors of the positions; null when positions act within attention. */
  readonly positions: Embedding | SinusoidalPositions | null;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly norm: Layer | null;
  /** Output layer; null when it is tied to the token embedding. */
  readonly head: Linear | null;
  /** Last field, so that the parameters of a layer that is the `activation` are named by the blocks. */
  readonly options: Required<GPTOptions>;

  constructor(given: GPTOptions) {
    super();
    checkOptions('GPT', given, 'vocabSize');
    const options = withDefaults<Required<GPTOptions>>('GPT', given, {
      vocabSize: given.vocabSize,
      context: given.context,
      layers: 4,
      heads: 4,
      width: 128,
      keyValueHeads: given.heads ?? 4,
      hidden: 4 * (given.width ?? 128),
      activation: gelu,
      norm: 'pre',
      normLayer: 'layerNorm',
      qkNorm: false,
      positions: 'learned',
      bias: false,
      dropout: 0,
      tiedHead: true,
      initStd: 0.02,
      positionInit: 'normal',
    });
    const { vocabSize, context, layers, width, positions, initStd, positionInit, tiedHead, ...rest } =
      options;
    checkSize('GPT', { vocabSize, context, width });
    checkLayers('GPT', layers);
    checkOneOf('GPT', 'positions', positions, ['learned', 'sinusoidal', 'rotary', 'alibi']);
    checkOneOf('GPT', 'positionInit', positionInit, ['normal', 'sinusoidal']);
    const init = initNormal(initStd);
    const block = {
      ...rest,
      causal: true,
      positions: positions === 'rotary' || positions === 'alibi' ? positions : 'none',
      init,
      outputInit: initResidual(layers, initStd), // 2·layers branches add up in the residual stream
    } as const;
    const positionsInit = positionInit === 'sinusoidal' ? initSinusoidal(initStd) : init;
    this.tokens = new Embedding(vocabSize, width, { init });
    this.positions = positions === 'learned' ? new Embedding(context, width, { init: positionsInit }) : null;
    if (positions === 'sinusoidal') this.positions = new SinusoidalPositions(context, width);
    this.dropout = new Dropout(rest.dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.norm = rest.norm === 'pre' ? normLayer(rest.normLayer, width, { bias: rest.bias }) : null;
    this.head = tiedHead ? null : new Linear(width, vocabSize, { bias: false, init });
    this.options = options;
  }

  /** Tokens (B, T) → scores (B, T, V) of the token that follows each. */
  forward(tokens: Tensor, caches?: readonly KeyValueCache[]): Tensor {
    const start = caches?.[0]?.length ?? 0;
    checkTokens('GPT', tokens, this.options.context, start);
    let x = this.dropout.forward(this.#embed(tokens, start));
    for (const [i, block] of [...this.blocks].entries()) {
      const cache = caches?.[i];
      x = block.forward(x, cache ? { cache } : {});
    }
    if (this.norm) x = this.norm.forward(x);
    return this.head ? this.head.forward(x) : linear(x, this.tokens.weight);
  }

  #embed(tokens: Tensor, start: number): Tensor {
    const x = this.tokens.forward(tokens);
    const T = tokens.shape[1]!;
    if (this.positions instanceof Embedding)
      return add(x, this.positions.forward(arange(start + T, { start })));
    if (this.positions === null) return x;
    // √width times the tokens, as in the first Transformer
    return add(mul(x, Math.sqrt(this.options.width)), this.positions.forward(T, start));
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T). Targets of −100 are left out. */
  loss(tokens: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(tokens), targets);
  }

  /** The prompt and what the model writes after it. */
  generate(prompt: ArrayLike<number>, options: GenerateOptions = {}): number[] {
    const written = [...this.stream(prompt, options)]; // checks the prompt
    return [...Array.from(prompt), ...written];
  }

  /**
   * Writes after the prompt, one token at a time. Keys and values of what was read are kept, so each token
   * costs one position; when the context is full, the model goes on from the later half of it.
   */
  *stream(prompt: ArrayLike<number>, options: GenerateOptions = {}): Generator<number> {
    const { context, vocabSize } = this.options;
    const caches = this.#emptyCaches();
    const nextScores = (unread: readonly number[], seen: readonly number[]) => {
      if (caches[0]!.length + unread.length <= context) return this.#nextScores(unread, caches);
      for (const cache of caches) cache.length = 0;
      return this.#nextScores(
        seen.slice(seen.length === unread.length ? -context : -Math.ceil(context / 2)),
        caches,
      );
    };
    try {
      yield* generateTokens(prompt, { vocabSize, nextScores }, options);
    } finally {
      for (const cache of caches) cache.release();
    }
  }

  #nextScores(tokens: readonly number[], caches: readonly KeyValueCache[]): FloatArray {
    return lastScores(this, () => this.forward(tensor([[...tokens]], { dtype: 'int32' }), caches));
  }

  #emptyCaches(): KeyValueCache[] {
    const { layers, heads, keyValueHeads, width, context } = this.options;
    return Array.from(
      { length: layers },
      () => new KeyValueCache([1, keyValueHeads, context, width / heads]),
    );
  }
}
